import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type AuditVerdict, verifyAudit } from '../lib/audit/verify.ts';
import { createStore } from '../lib/store/dynamo-store.ts';
import { localDynamoClient, startDynoxide } from '../local/dynoxide.ts';
import { localTables } from '../local/tables.ts';
import { type Command, readFlags, UsageError } from './usage.ts';

/** `medic audit verify [--json]`: 0 when everything holds, 1 with stream and seq of the first event that does not. */
export const auditCommand: Command = async (args) => {
  const { values, positionals } = readFlags(args, { json: { type: 'boolean', default: false } });
  if (positionals[0] !== 'verify') throw new UsageError('medic audit knows one thing: verify.');
  const verdict = await withDatabase((endpoint) => {
    const client = localDynamoClient(endpoint);
    return verifyAudit(createStore({ client, tables: localTables, now: () => new Date() }));
  });
  console.log(values.json ? JSON.stringify(verdict) : say(verdict));
  return verdict.ok ? 0 : 1;
};

const say = (verdict: AuditVerdict): string =>
  verdict.ok
    ? `Everything holds: ${verdict.events} events in ${verdict.streams} streams.`
    : `BROKEN at stream ${verdict.stream}, seq ${verdict.seq}: ${verdict.problem}`;

/** A second server on the same file is safe beside a running `npm start`; it is ended by its own handle. */
async function withDatabase<T>(use: (endpoint: string) => Promise<T>): Promise<T> {
  const configured = process.env['DYNAMODB_ENDPOINT'];
  if (configured) return use(configured);
  const dbPath = join(resolve(process.env['MEDIC_DATA'] || '.medic'), 'medic.db');
  if (!existsSync(dbPath)) throw new Error(`There is no audit trail at ${dbPath}. Say where it is with MEDIC_DATA.`);
  const database = await startDynoxide({ dbPath });
  try {
    return await use(database.endpoint);
  } finally {
    await database.stop();
  }
}
