import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createStore, type Store } from '../lib/store/dynamo-store.ts';
import { localDynamoClient, startDynoxide } from '../local/dynoxide.ts';
import { localTables } from '../local/tables.ts';

/** Where `npm start` keeps what it knows: MEDIC_DATA, or `.medic` here. */
export const dataFolder = (): string => resolve(process.env['MEDIC_DATA'] || '.medic');

export const withStore = <T>(use: (store: Store) => Promise<T>): Promise<T> =>
  withDatabase((endpoint) =>
    use(createStore({ client: localDynamoClient(endpoint), tables: localTables, now: () => new Date() })),
  );

/** A second server on the same file is safe beside a running `npm start`; it is ended by its own handle. */
async function withDatabase<T>(use: (endpoint: string) => Promise<T>): Promise<T> {
  const configured = process.env['DYNAMODB_ENDPOINT'];
  if (configured) return use(configured);
  const dbPath = join(dataFolder(), 'medic.db');
  if (!existsSync(dbPath)) throw new Error(`There is no audit trail at ${dbPath}. Say where it is with MEDIC_DATA.`);
  const database = await startDynoxide({ dbPath });
  try {
    return await use(database.endpoint);
  } finally {
    await database.stop();
  }
}
