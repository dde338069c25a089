import * as z from 'zod';
import { err, ok, type Result } from '../result.ts';
import { pathText } from './config-path.ts';
import { type ConfigProblem, problem } from './config-problem.ts';
import { isMain, MAIN, type MachineConfig } from './machine-config.ts';

/** What a config must say before it may be sent anywhere. Values of secrets are compared, never shown. */
export type ConfigFacts = {
  readonly machineType: 'controlplane' | 'worker';
  /** PEM of the Talos API CA. */
  readonly caPem: string;
  readonly wipesDisk: boolean;
  readonly endpoint: string;
};

const V1Alpha1 = z.object({
  version: z.literal('v1alpha1'),
  machine: z.object({
    type: z.enum(['init', 'controlplane', 'worker']),
    ca: z.object({ crt: z.base64().min(1) }),
    install: z.object({ wipe: z.boolean().nullish() }).nullish(),
  }),
  cluster: z.object({ controlPlane: z.object({ endpoint: z.string().min(1) }) }),
});

export function readConfigFacts({ documents }: MachineConfig): Result<ConfigFacts, ConfigProblem> {
  const main = documents.find(isMain);
  if (main === undefined) return err(problem('no_main_document'));
  const parsed = V1Alpha1.safeParse(main.content);
  if (!parsed.success) {
    return err(problem('incomplete', MAIN, pathText(parsed.error.issues[0]?.path.map(String) ?? [])));
  }
  const { machine, cluster } = parsed.data;
  return ok({
    machineType: machine.type === 'worker' ? 'worker' : 'controlplane',
    caPem: Buffer.from(machine.ca.crt, 'base64').toString('utf8'),
    wipesDisk: machine.install?.wipe === true,
    endpoint: cluster.controlPlane.endpoint,
  });
}

/** One sentence when the config does not belong to this cluster and role; undefined when it does. */
export function foreignConfig(
  facts: ConfigFacts,
  role: 'controlplane' | 'worker',
  clusterCaPem: string,
): string | undefined {
  if (facts.machineType !== role)
    return `The stored config is one of a ${facts.machineType}, the inventory knows a ${role}.`;
  if (squeeze(facts.caPem) !== squeeze(clusterCaPem)) return 'The stored config belongs to a cluster with another CA.';
  if (facts.wipesDisk) return 'The stored config says install.wipe: true, which would erase the disk.';
  return undefined;
}
const squeeze = (pem: string) => pem.replaceAll(/\s/g, '');
