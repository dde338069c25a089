import { DescribeTableCommand, DescribeTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTables } from '../../lib/store/create-tables.ts';
import { tableResources } from '../../lib/store/table-resources.ts';
import { type Database, startDatabase } from './database.ts';

let database: Database;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.stop());

type Keys = readonly { readonly AttributeName?: string | undefined; readonly KeyType?: string | undefined }[];
const plain = (keys: Keys = []) => keys.map((key) => `${key.AttributeName} ${key.KeyType}`);
const byName = (one: { readonly name: unknown }, other: { readonly name: unknown }) =>
  String(one.name).localeCompare(String(other.name));

test.for(['audit', 'state'] as const)(
  'the %s table of a laptop has the keys and indexes of the one on AWS',
  async (which) => {
    const { Table } = await database.client().send(new DescribeTableCommand({ TableName: database.tables[which] }));
    const resources = tableResources(database.tables);
    const { Properties } = which === 'audit' ? resources.AuditTable : resources.StateTable;
    expect(plain(Table?.KeySchema)).toEqual(plain(Properties.KeySchema));
    expect(Table?.BillingModeSummary?.BillingMode).toBe(Properties.BillingMode);
    const attributes = (Table?.AttributeDefinitions ?? []).map((each) => `${each.AttributeName} ${each.AttributeType}`);
    expect(attributes.toSorted()).toEqual(
      Properties.AttributeDefinitions.map((each) => `${each.AttributeName} ${each.AttributeType}`).toSorted(),
    );
    const indexes = (Table?.GlobalSecondaryIndexes ?? []).map((index) => {
      return { name: index.IndexName, keys: plain(index.KeySchema), projection: index.Projection?.ProjectionType };
    });
    expect(indexes.toSorted(byName)).toEqual(
      Properties.GlobalSecondaryIndexes.map((index) => {
        return { name: index.IndexName, keys: plain(index.KeySchema), projection: index.Projection.ProjectionType };
      }).toSorted(byName),
    );
  },
);

test('only the state table forgets by time', async () => {
  const { TimeToLiveDescription } = await database
    .client()
    .send(new DescribeTimeToLiveCommand({ TableName: database.tables.state }));
  expect(TimeToLiveDescription).toMatchObject({ AttributeName: 'expiresAtS', TimeToLiveStatus: 'ENABLED' });
  const { AuditTable, StateTable } = tableResources(database.tables);
  expect(StateTable.Properties).toHaveProperty('TimeToLiveSpecification.AttributeName', 'expiresAtS');
  expect(AuditTable.Properties).not.toHaveProperty('TimeToLiveSpecification');
});

test('on AWS both tables outlive the stack, and a rewritten event leaves its old image', () => {
  const { AuditTable, StateTable } = tableResources({
    audit: { Ref: 'AuditTableName' },
    state: 'state',
  });
  for (const table of [AuditTable, StateTable]) {
    expect(table).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
    });
  }
  expect(AuditTable.Properties.TableName).toEqual({ Ref: 'AuditTableName' });
  expect(AuditTable.Properties.StreamSpecification.StreamViewType).toBe('NEW_AND_OLD_IMAGES');
});

test('making the tables again, even twice at once, changes nothing', async () => {
  const store = database.store();
  const key = { pk: 'NODE#attic', sk: 'NODE#a' };
  await store.write({ do: 'put', key, attributes: { n: 1 } });
  await Promise.all([
    createTables(database.client(), database.tables),
    createTables(database.client(), database.tables),
  ]);
  expect(await store.get(key)).toEqual({ ...key, attributes: { n: 1 } });
});
