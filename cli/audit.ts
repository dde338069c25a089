import { type AuditVerdict, verifyAudit } from '../lib/audit/verify.ts';
import { withStore } from './local-store.ts';
import { type Command, readFlags, UsageError } from './usage.ts';

/** `medic audit verify [--json]`: 0 when everything holds, 1 with stream and seq of the first event that does not. */
export const auditCommand: Command = async (args) => {
  const { values, positionals } = readFlags(args, { json: { type: 'boolean', default: false } });
  if (positionals[0] !== 'verify') throw new UsageError('medic audit knows one thing: verify.');
  const verdict = await withStore((store) => verifyAudit(store));
  console.log(values.json ? JSON.stringify(verdict) : say(verdict));
  return verdict.ok ? 0 : 1;
};

const say = (verdict: AuditVerdict): string =>
  verdict.ok
    ? `Everything holds: ${verdict.events} events in ${verdict.streams} streams.`
    : `BROKEN at stream ${verdict.stream}, seq ${verdict.seq}: ${verdict.problem}`;
