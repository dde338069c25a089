import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DeleteItemCommand, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { localDynamoClient, startDynoxide } from '../../local/dynoxide.ts';
import { localTables } from '../../local/tables.ts';
import { medicForThisFile } from './medic-for-this-file.ts';

const here = medicForThisFile();
let incident: string;

beforeAll(async () => {
  await here.api.scenario('c04-state-not-found-in-time');
  incident = (await here.api.diagnosed()).id;
});

type Printed = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** `medic audit verify` as a process of its own, on the folder. */
async function verify(...flags: readonly string[]): Promise<Printed> {
  const env = { MEDIC_DATA: here.folder, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
  const ran = promisify(execFile)(process.execPath, ['dist/cli/medic.js', 'audit', 'verify', ...flags], { env });
  return ran.then(
    (said) => ({ code: 0, ...said }),
    (error: Printed) => error,
  );
}

/** Behind Medic's back, in the database file itself. */
async function tamper(change: (client: DynamoDBClient) => Promise<unknown>): Promise<void> {
  const database = await startDynoxide({ dbPath: join(here.folder, 'medic.db') });
  try {
    await change(localDynamoClient(database.endpoint));
  } finally {
    await database.stop();
  }
}
const eventAt = (seq: number) => ({
  TableName: localTables.audit,
  Key: { pk: { S: `INCIDENT#${incident}` }, sk: { S: `EVENT#${String(seq).padStart(12, '0')}` } },
});

test('while Medic runs everything holds; when an event is changed or removed, exit 1 with its stream and seq', async () => {
  const intact = await verify();
  expect(intact).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Everything holds: \d+ events in \d+ streams/),
  });
  expect(JSON.parse((await verify('--json')).stdout)).toMatchObject({ ok: true });

  await here.medic.stop();
  const body = { ':b': { S: '{"seq":2,"type":"alert_fired"}' } };
  const rewrite = { UpdateExpression: 'SET body = :b', ExpressionAttributeValues: body };
  await tamper((client) => client.send(new UpdateItemCommand({ ...eventAt(2), ...rewrite })));
  const changed = await verify();
  expect(changed.code).toBe(1);
  expect(changed.stdout).toContain(`BROKEN at stream INCIDENT#${incident}, seq 2:`);
  const told = await verify('--json');
  expect(told.code).toBe(1);
  expect(JSON.parse(told.stdout)).toMatchObject({ ok: false, stream: `INCIDENT#${incident}`, seq: 2 });

  await tamper((client) => client.send(new DeleteItemCommand(eventAt(2))));
  const removed = await verify('--json');
  expect(removed.code).toBe(1);
  expect(JSON.parse(removed.stdout)).toMatchObject({ ok: false, stream: `INCIDENT#${incident}`, seq: 2 });
});
