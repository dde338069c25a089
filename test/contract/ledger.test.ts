import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyAudit, verifyStream } from '../../lib/audit/verify.ts';
import { added, counter } from '../store/counter.ts';
import { collect, type Database, startDatabase } from '../store/database.ts';
import { injectFaults } from '../store/faults.ts';

let database: Database;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.stop());

const eventsOf = (stream: string) => collect(database.store().events(stream));

test('100 concurrent appends from 5 instances give 100 events without gap or fork', async () => {
  const stream = 'TEST#race';
  const stores = Array.from({ length: 5 }, () => database.store());
  const changes = Array.from({ length: 100 }, (_, index) =>
    stores[index % stores.length]?.change(counter, stream, (state) => {
      return { events: [added(1)], result: (state?.events ?? 0) + 1 };
    }),
  );
  const results = await Promise.all(changes);
  const numbers = results.map((result) => (result?.ok === true ? result.value : result?.error.message));
  expect(numbers.toSorted((one, other) => Number(one) - Number(other))).toEqual(
    Array.from({ length: 100 }, (_, index) => index + 1),
  );
  const store = database.store();
  expect(await store.read(counter, stream)).toMatchObject({ sum: 100, events: 100 });
  expect(await verifyStream(stream, store.records(stream), () => store.head(stream))).toMatchObject({
    ok: true,
    events: 100,
  });
});

test('a reply that was lost after the table took the change is a success, and the event is there once', async () => {
  const stream = 'TEST#lost-after';
  const client = database.client();
  const faults = injectFaults(client);
  const store = database.store({ client });
  // Five: more than the SDK's three attempts, so that our own retry is needed as well.
  faults.next('TransactWriteItemsCommand', ...Array.from({ length: 5 }, () => 'lost_after' as const));
  expect(await store.change(counter, stream, () => ({ events: [added(7)], result: 'mine' }))).toEqual({
    ok: true,
    value: 'mine',
  });
  expect(await eventsOf(stream)).toHaveLength(1);
  expect(faults.sent('TransactWriteItemsCommand')).toBe(6);
});

test('when every reply is lost the store looks into the table and finds its own event', async () => {
  const stream = 'TEST#lost-for-ever';
  const client = database.client();
  const faults = injectFaults(client);
  faults.next('TransactWriteItemsCommand', ...Array.from({ length: 40 }, () => 'lost_after' as const));
  const decided: number[] = [];
  const result = await database.store({ client }).change(counter, stream, () => {
    decided.push(1);
    return { events: [added(7)], result: 'mine' };
  });
  expect(result).toEqual({ ok: true, value: 'mine' });
  expect(decided).toHaveLength(1);
  expect(await eventsOf(stream)).toHaveLength(1);
});

test('a lost reply followed by a conflict does not make the store append its own event again', async () => {
  const stream = 'TEST#lost-then-conflict';
  const client = database.client();
  injectFaults(client).next('TransactWriteItemsCommand', 'lost_after', 'conflict');
  let decided = 0;
  const result = await database.store({ client }).change(counter, stream, () => {
    decided += 1;
    return { events: [added(1)], result: decided };
  });
  expect(result).toEqual({ ok: true, value: 1 });
  expect(decided).toBe(1);
  expect(await eventsOf(stream)).toHaveLength(1);
});

test('the same event written by somebody else in the same millisecond is not taken for our own', async () => {
  const stream = 'TEST#twins';
  const now = () => new Date('2026-03-01T03:00:00.000Z');
  const twins = [database.store({ now }), database.store({ now })];
  const decide = (state: unknown) => (state === undefined ? { events: [added(1)], result: 'won' } : lost);
  const lost = { events: [], result: 'lost' };
  const results = await Promise.all(twins.map((twin) => twin.change(counter, stream, decide)));
  expect(results.map((result) => result.ok && result.value).toSorted()).toEqual(['lost', 'won']);
});

test.for([
  { why: 'conflicts', faults: ['conflict', 'conflict', 'conflict'] as const },
  { why: 'throttling', faults: ['throttle', 'throttle', 'throttle', 'throttle', 'throttle'] as const },
  { why: 'lost requests', faults: ['lost_before', 'lost_before', 'lost_before', 'lost_before'] as const },
])('$why that pass are not seen from outside', async ({ why, faults }) => {
  const stream = `TEST#${why}`;
  const client = database.client();
  injectFaults(client).next('TransactWriteItemsCommand', ...faults);
  const result = await database.store({ client }).change(counter, stream, () => ({ events: [added(1)], result: 1 }));
  expect(result).toEqual({ ok: true, value: 1 });
  expect(await eventsOf(stream)).toHaveLength(1);
});

test('a table that never takes the change gives `unavailable`, and nothing has happened', async () => {
  const stream = 'TEST#unavailable';
  const client = database.client();
  injectFaults(client).next('TransactWriteItemsCommand', ...Array.from({ length: 40 }, () => 'lost_before' as const));
  const result = await database.store({ client }).change(counter, stream, () => ({ events: [added(1)], result: 1 }));
  expect(result).toMatchObject({ ok: false, error: { code: 'unavailable' } });
  expect(await eventsOf(stream)).toEqual([]);
});

test('a condition that never holds is decided on 12 times, then `contended`; no event is left behind', async () => {
  const stream = 'TEST#contended';
  const store = database.store();
  let decided = 0;
  const result = await store.change(counter, stream, () => {
    decided += 1;
    const key = { pk: 'LEASE#attic', sk: 'LEASE' };
    return { events: [added(1)], writes: [{ do: 'check', key, when: { is: 'present' } }], result: 1 };
  });
  expect(result).toMatchObject({ ok: false, error: { code: 'contended' } });
  expect(decided).toBe(12);
  expect(await eventsOf(stream)).toEqual([]);
  expect(await store.read(counter, stream)).toBeUndefined();
});

test('several events and writes are one transaction, and listeners hear of it once, after it', async () => {
  const stream = 'TEST#several';
  const store = database.store();
  const heard: string[] = [];
  const leave = store.onCommit((each) => heard.push(each));
  const key = { pk: 'PLAN#1', sk: 'PLAN' };
  await store.change(counter, stream, () => ({
    events: [added(1), added(2), added(3)],
    writes: [{ do: 'put', key, attributes: { hash: 'abc', tries: 2 }, when: { is: 'absent' } }],
    result: undefined,
  }));
  await store.change(counter, stream, () => ({ events: [], result: 'nothing to do' }));
  leave();
  expect(heard).toEqual([stream]);
  expect(await store.read(counter, stream)).toMatchObject({ sum: 6, events: 3 });
  expect(await store.get(key)).toEqual({ ...key, attributes: { hash: 'abc', tries: 2 } });
  const bodies = (await eventsOf(stream)).map(({ body }): unknown => JSON.parse(body));
  expect(bodies).toMatchObject([{ seq: 1 }, { seq: 2 }, { seq: 3 }]);
  expect(await collect(store.events(stream, 3))).toHaveLength(1);
});

test('more than 100 items are refused before anything is written, with the count', async () => {
  const stream = 'TEST#too-many';
  const events = Array.from({ length: 100 }, () => added(1));
  await expect(database.store().change(counter, stream, () => ({ events, result: 1 }))).rejects.toThrow(
    '100 events of TEST#too-many, its head and 0 writes are 101',
  );
  expect(await eventsOf(stream)).toEqual([]);
});

test('a decision that throws stops neither the stream nor those who wait behind it', async () => {
  const stream = 'TEST#throws';
  const store = database.store();
  const broken = store.change(counter, stream, () => {
    throw new Error('a bug');
  });
  const behind = store.change(counter, stream, () => ({ events: [added(1)], result: 'done' }));
  await expect(broken).rejects.toThrow('a bug');
  expect(await behind).toEqual({ ok: true, value: 'done' });
});

test('on a bad network every change that was reported as done is there once, every other one not at all', async () => {
  const stream = 'TEST#bad-network';
  const faults = ['conflict', 'lost_before', 'lost_after', 'lost_after'] as const;
  const answers = await Promise.all(
    Array.from({ length: 4 }, async (_, instance) => {
      const client = database.client();
      const injected = injectFaults(client);
      let sent = instance;
      // Every other sending goes wrong, in an order that differs per instance; reads lose their reply now and then.
      const choose = () => {
        sent += 1;
        return sent % 2 === 0 ? faults[(sent / 2 + instance) % faults.length] : undefined;
      };
      injected.each('TransactWriteItemsCommand', choose);
      injected.each('GetItemCommand', () => (choose() === 'lost_after' ? 'lost_after' : undefined));
      const store = database.store({ client });
      const ids = Array.from({ length: 12 }, (__, n) => `${instance}-${n}`);
      return Promise.all(
        ids.map(async (id) => {
          const changed = await store.change(counter, stream, () => ({ events: [added(1, id)], result: id }));
          return { id, isDone: changed.ok };
        }),
      );
    }),
  );
  const there = (await eventsOf(stream)).map(({ body }) => counter.parseEvent(JSON.parse(body)).actor.id);
  const done = answers.flat().filter(({ isDone }) => isDone);
  expect(there.toSorted()).toEqual(done.map(({ id }) => id).toSorted());
  expect(done.length).toBeGreaterThan(24);
});

test('everything that this file wrote holds', async () => {
  expect(await verifyAudit(database.store())).toMatchObject({ ok: true });
});
