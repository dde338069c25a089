import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { verifyAudit } from '../../lib/audit/verify.ts';
import type { Store } from '../../lib/store/dynamo-store.ts';
import { added, counter } from '../store/counter.ts';
import { type Database, startDatabase } from '../store/database.ts';

let database: Database;
let client: DynamoDBClient;
let store: Store;
let stream: string;
beforeAll(async () => {
  database = await startDatabase();
  client = database.client();
  store = database.store();
});
afterAll(() => database.stop());

const key = (sk: string) => ({ pk: { S: stream }, sk: { S: sk } });
const sk = (seq: number) => `EVENT#00000000000${seq}`;
const audit = () => ({ TableName: database.tables.audit });
async function stored(seq: number) {
  const { Item = {} } = await client.send(new GetItemCommand({ ...audit(), Key: key(sk(seq)) }));
  return Item;
}
const put = (seq: number, item: Awaited<ReturnType<typeof stored>>) =>
  client.send(new PutItemCommand({ ...audit(), Item: { ...item, ...key(sk(seq)) } }));
const remove = (TableName: string, at: string) => client.send(new DeleteItemCommand({ TableName, Key: key(at) }));

let streams = 0;
beforeEach(async () => {
  streams += 1;
  stream = `TEST#${streams}`;
  for (let by = 1; by <= 4; by += 1) {
    await store.change(counter, stream, () => ({ events: [added(by)], result: undefined }));
  }
});

test.for<{ what: string; falsify: () => Promise<unknown>; seq: number; kind: string }>([
  {
    what: 'a changed event',
    falsify: async () => put(2, { ...(await stored(2)), body: { S: '{"seq":2}' } }),
    seq: 2,
    kind: 'changed',
  },
  { what: 'a removed event', falsify: () => remove(database.tables.audit, sk(2)), seq: 2, kind: 'removed' },
  { what: 'a removed last event', falsify: () => remove(database.tables.audit, sk(4)), seq: 4, kind: 'truncated' },
  {
    what: 'two events that changed places',
    falsify: async () => {
      const [two, three] = [await stored(2), await stored(3)];
      await put(2, three);
      await put(3, two);
    },
    seq: 2,
    kind: 'reordered',
  },
  { what: 'an inserted event', falsify: async () => put(5, await stored(4)), seq: 5, kind: 'inserted' },
  {
    what: 'an item that is no event',
    falsify: () => client.send(new PutItemCommand({ ...audit(), Item: key('NOTE') })),
    seq: 0,
    kind: 'inserted',
  },
  {
    what: 'a wrong index copy',
    falsify: async () => put(3, { ...(await stored(3)), actorPk: { S: 'U2' } }),
    seq: 3,
    kind: 'index_copy',
  },
  {
    what: 'a stream without any event left',
    falsify: async () => {
      for (const seq of [1, 2, 3, 4]) await remove(database.tables.audit, sk(seq));
    },
    seq: 1,
    kind: 'truncated',
  },
  { what: 'a removed head', falsify: () => remove(database.tables.state, 'HEAD'), seq: 4, kind: 'head' },
])('verify finds $what among intact streams and names it', async ({ falsify, seq, kind }) => {
  expect(await verifyAudit(store)).toEqual({ ok: true, streams, events: streams * 4 });
  const before = await Promise.all([1, 2, 3, 4].map(stored));
  const { Item: head = {} } = await client.send(
    new GetItemCommand({ TableName: database.tables.state, Key: key('HEAD') }),
  );
  await falsify();
  expect(await verifyAudit(store)).toMatchObject({ ok: false, stream, seq, kind });

  for (const [index, item] of before.entries()) await put(index + 1, item);
  await remove(database.tables.audit, sk(5));
  await remove(database.tables.audit, 'NOTE');
  await client.send(new PutItemCommand({ TableName: database.tables.state, Item: head }));
});

test('a head that was set back is noticed, and no event is written over', async () => {
  await client.send(
    new UpdateItemCommand({
      TableName: database.tables.state,
      Key: key('HEAD'),
      UpdateExpression: 'SET seq = :two',
      ExpressionAttributeValues: { ':two': { N: '2' } },
    }),
  );
  const before = await stored(3);
  const result = await store.change(counter, stream, () => ({ events: [added(9)], result: undefined }));
  expect(result).toMatchObject({ ok: false, error: { code: 'contended' } });
  expect(await stored(3)).toEqual(before);
  expect(await verifyAudit(store)).toMatchObject({ ok: false, stream, seq: 2, kind: 'head' });
});

test.for([
  { index: 'byNode', attribute: 'nodePk', value: 'attic#node-1' },
  { index: 'byActor', attribute: 'actorPk', value: 'U1' },
])('events are found $index', async ({ index, attribute, value }) => {
  const query = new QueryCommand({
    ...audit(),
    IndexName: index,
    KeyConditionExpression: '#attribute = :value',
    ExpressionAttributeNames: { '#attribute': attribute },
    ExpressionAttributeValues: { ':value': { S: value } },
  });
  await expect
    .poll(async () => (await client.send(query)).Items?.filter((item) => item['pk']?.S === stream), { timeout: 20_000 })
    .toHaveLength(4);
});
