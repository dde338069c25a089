import { isScalar, parseDocument } from 'yaml';
import { err, ok, type Result } from '../../result.ts';
import { resourceRule } from '../../versions/resources.ts';
import { isAtLeast } from '../../versions/talos-version.ts';
import { isNestedBeyondReason } from '../../yaml/nesting.ts';
import type { Connection } from '../connection.ts';
import { cosiState } from '../methods.ts';
import type { TalosAdmin } from '../orders.ts';
import type { ReadContext } from '../readings/read.ts';
import type { ClusterAccess } from '../talos.ts';
import type { TalosError } from '../talos-error.ts';
import { withSession } from './session.ts';

const TYPE = 'MachineConfigs.config.talos.dev';
const ACTIVE_ID = 'v1alpha1';
const PERSISTENT_ID = 'persistent';
/** A config itself is a megabyte at most; as a text within YAML it grows by its indentation or its escapes. */
const MAX_SPEC_CHARS = 2 * 1024 * 1024;

/** The machine config as the node has it. Nobody but an admin may read it: it holds the keys of the cluster. */
export const configReader = (access: ClusterAccess): Pick<TalosAdmin, 'readConfig'> => ({
  readConfig: (target, { deadlineMs }) =>
    withSession(
      access,
      target,
      'cosi.resource.State/Get',
      deadlineMs,
      async ({ connection, context, rules }) => {
        const active = await read(connection, ACTIVE_ID, context);
        if (!active.ok) return active;
        if (!isAtLeast(rules.minor, '1.10')) return ok({ active: active.value, onDisk: undefined });
        const onDisk = await read(connection, PERSISTENT_ID, context);
        if (!onDisk.ok && onDisk.error.code !== 'not_found') return onDisk;
        return ok({ active: active.value, onDisk: onDisk.ok ? onDisk.value : undefined });
      },
      'os:admin',
    ),
});

async function read(connection: Connection, id: string, context: ReadContext): Promise<Result<string, TalosError>> {
  const request = { namespace: resourceRule(TYPE).namespace, type: TYPE, id, options: {} };
  const reply = await connection.unary(cosiState.get, request, context);
  if (!reply.ok) return err({ ...reply.error, source: TYPE });
  const text = scalarIn(reply.value.resource?.spec?.yamlSpec ?? '');
  return text === undefined
    ? err({ code: 'malformed_reply', node: context.node, source: TYPE, text: 'no text where the config should be' })
    : ok(text);
}

/** The spec is one YAML text, whose value is the whole multi-document config. */
function scalarIn(yaml: string): string | undefined {
  if (yaml.length > MAX_SPEC_CHARS || isNestedBeyondReason(yaml)) return undefined;
  const { contents, errors } = parseDocument(yaml, { schema: 'failsafe', prettyErrors: false, logLevel: 'silent' });
  if (errors.length > 0 || !isScalar(contents) || typeof contents.value !== 'string') return undefined;
  return contents.value.trim() === '' ? undefined : contents.value;
}
