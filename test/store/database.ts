import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { DeleteTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoClient } from '../../lib/store/client.ts';
import { createTables } from '../../lib/store/create-tables.ts';
import { createStore, type Store } from '../../lib/store/dynamo-store.ts';
import type { TableNames } from '../../lib/store/tables.ts';
import { localDynamoClient, startDynoxide } from '../../local/dynoxide.ts';

export type Database = {
  readonly tables: TableNames;
  /** Process id of the embedded database that runs now; undefined when the tests were pointed at another one. */
  pid(): number | undefined;
  /** Another client, as another process would have. */
  client(): DynamoDBClient;
  /** A store as another process would have; `now` defaults to the real clock. */
  store(wiring?: { readonly client?: DynamoDBClient; readonly now?: () => Date }): Store;
  stop(): Promise<void>;
};

/**
 * Both tables, of this test file alone: on an embedded database under the temporary folder, or, when
 * DYNAMODB_ENDPOINT is set, there (with the credentials of the environment unless it is on this machine).
 */
export async function startDatabase(): Promise<Database> {
  // biome-ignore lint/style/noProcessEnv: the contract is also run against real DynamoDB, chosen from outside
  const given = process.env['DYNAMODB_ENDPOINT'];
  const server = given === undefined ? await startEmbedded() : elsewhere(given);
  const tables = { audit: `audit-${randomUUID()}`, state: `state-${randomUUID()}` };
  const clients: DynamoDBClient[] = [];
  const client = () => {
    const made = server.connect();
    clients.push(made);
    return made;
  };
  await createTables(client(), tables);
  return {
    tables,
    pid: server.pid,
    client,
    store: (wiring = {}) =>
      createStore({ client: wiring.client ?? client(), tables, now: () => new Date(), ...wiring }),
    async stop() {
      if (given !== undefined) for (const TableName of [tables.audit, tables.state]) await drop(client(), TableName);
      for (const each of clients) each.destroy();
      await server.stop();
    },
  };
}

async function startEmbedded() {
  const folder = await mkdtemp(join(tmpdir(), `medic-store-${process.pid}-`));
  const dynoxide = await startDynoxide({ dbPath: join(folder, 'medic.db') });
  return {
    connect: () => localDynamoClient(dynoxide.endpoint),
    pid: (): number | undefined => dynoxide.pid(),
    async stop() {
      await dynoxide.stop();
      await rm(folder, { recursive: true });
    },
  };
}

function elsewhere(endpoint: string) {
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(new URL(endpoint).hostname);
  return {
    connect: () => (isLocal ? localDynamoClient(endpoint) : dynamoClient({ endpoint })),
    pid: () => undefined,
    stop: async () => {},
  };
}

async function drop(client: DynamoDBClient, TableName: string): Promise<void> {
  await client.send(new DeleteTableCommand({ TableName }));
}

export async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
