import { parseAllDocuments, stringify } from 'yaml';
import { machineChanges } from '../../lib/talos/changing-methods.ts';
import type { ApplyConfiguration, ApplyConfigurationRequest } from '../../lib/talos/generated/machine/machine.ts';
import type { Simulated } from './simulated.ts';
import type { Identity } from './talos-calls.ts';

/** What a person may do to a config, and the call that brings it to a node. */

/** `machine.install.image` of the v1alpha1 document; `undefined` deletes the key. */
export function changed(text: string, values: Readonly<Record<string, unknown>>): string {
  const documents = parseAllDocuments(text);
  const [root] = documents;
  if (root === undefined || !('setIn' in root)) throw new Error('there is no v1alpha1 document');
  for (const [path, value] of Object.entries(values)) {
    if (value === undefined) root.deleteIn(path.split('.'));
    else root.setIn(path.split('.'), root.createNode(value));
  }
  return documents.map((document) => document.toString({ lineWidth: 0, directives: false })).join('---\n');
}

export const withDocument = (text: string, document: Readonly<Record<string, unknown>>): string =>
  `${text}---\n${stringify({ apiVersion: 'v1alpha1', ...document })}`;

type Options = Partial<Pick<ApplyConfigurationRequest, 'mode' | 'dryRun' | 'tryModeTimeout'>>;

/** The one message of the reply, or the refusal. Nothing is asked for but AUTO. */
export async function apply(
  world: Simulated,
  name: string,
  text: string,
  { identity = 'admin', ...more }: Options & { readonly identity?: Identity } = {},
): Promise<ApplyConfiguration | { readonly code: number; readonly text: string }> {
  const request = { data: Buffer.from(text), mode: 'AUTO' as const, dryRun: false, ...more };
  const seen = await world.to(name, identity).call(machineChanges.applyConfiguration, request);
  if (!('reply' in seen)) return seen;
  const [message] = seen.reply.messages;
  if (message === undefined) throw new Error('an empty reply');
  return message;
}

type Documents = { readonly v1alpha1: string; readonly persistent: string };
/** The config in effect and the one that is stored, as an admin reads them from 1.10 on. */
export async function configsOf(world: Simulated, name: string): Promise<Documents> {
  const seen = await world.to(name, 'admin').list('config', 'MachineConfigs.config.talos.dev');
  if (!('reply' in seen)) throw new Error(seen.text);
  return { v1alpha1: String(seen.reply['v1alpha1']), persistent: String(seen.reply['persistent']) };
}
