import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Condition } from '../../lib/store/ledger-types.ts';
import { added, counter } from '../store/counter.ts';
import { collect, type Database, startDatabase } from '../store/database.ts';
import { injectFaults } from '../store/faults.ts';

let database: Database;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.stop());

const lease = { pk: 'LEASE#attic', sk: 'LEASE' };

test.for<{ when: Condition; onNothing: string; onMatch: string; onOther: string }>([
  { when: { is: 'absent' }, onNothing: 'written', onMatch: 'refused', onOther: 'refused' },
  { when: { is: 'present' }, onNothing: 'refused', onMatch: 'written', onOther: 'written' },
  {
    when: { is: 'equal', equals: { holder: 'a', n: 1 } },
    onNothing: 'refused',
    onMatch: 'written',
    onOther: 'refused',
  },
  {
    when: { is: 'absent_or_equal', equals: { holder: 'a', n: 1 } },
    onNothing: 'written',
    onMatch: 'written',
    onOther: 'refused',
  },
  { when: { is: 'absent_or_below', below: { n: 2 } }, onNothing: 'written', onMatch: 'written', onOther: 'refused' },
])('a write when $when.is: $onNothing on nothing, $onMatch on a match, $onOther on another item', async (row) => {
  const { when, onNothing, onMatch, onOther } = row;
  const store = database.store();
  const put = { do: 'put', key: lease, attributes: { holder: 'b', n: 9 }, when } as const;
  await store.write({ do: 'delete', key: lease });
  expect(await store.write({ do: 'check', key: lease, when })).toBe(onNothing);
  expect(await store.write(put)).toBe(onNothing);
  await store.write({ do: 'put', key: lease, attributes: { holder: 'a', n: 1 } });
  expect(await store.write({ do: 'check', key: lease, when })).toBe(onMatch);
  expect(await store.write(put)).toBe(onMatch);
  await store.write({ do: 'put', key: lease, attributes: { holder: 'c', n: 2 } });
  expect(await store.write(put)).toBe(onOther);
  expect(await store.write({ do: 'delete', key: lease, when })).toBe(onOther);
  expect(await store.get(lease)).toEqual(
    onOther === 'refused' ? { ...lease, attributes: { holder: 'c', n: 2 } } : undefined,
  );
});

test('50 who want the same lease at once: one gets it', async () => {
  const key = { pk: 'LEASE#cellar', sk: 'LEASE' };
  const stores = [database.store(), database.store()];
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      stores[n % 2]?.write({ do: 'put', key, attributes: { n }, when: { is: 'absent' } }),
    ),
  );
  expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
});

test('a conditional write whose reply was lost is `written`, not refused by itself', async () => {
  const client = database.client();
  injectFaults(client).next('TransactWriteItemsCommand', 'lost_after', 'lost_after', 'lost_after', 'conflict');
  const key = { pk: 'CLAIM#lost', sk: 'CLAIM' };
  const write = { do: 'put', key, attributes: { by: 'me' }, when: { is: 'absent' } } as const;
  expect(await database.store({ client }).write(write)).toBe('written');
  expect(await database.store().write(write)).toBe('refused');
  expect(await database.store().get(key)).toEqual({ ...key, attributes: { by: 'me' } });
});

test('a refused condition inside of a change leaves no event, and the change is decided again', async () => {
  const store = database.store();
  const key = { pk: 'APPROVAL#abc', sk: 'U1' };
  await store.write({ do: 'put', key, attributes: { by: 'U1' } });
  const seen: (string | undefined)[] = [];
  const result = await store.change(counter, 'TEST#again', async () => {
    const there = await store.get(key);
    seen.push(there?.pk);
    if (seen.length === 2) return { events: [], result: 'it is taken' };
    const write = { do: 'put', key, attributes: { by: 'U2' }, when: { is: 'absent' } } as const;
    return { events: [added(1)], writes: [write], result: 'mine' };
  });
  expect(result).toEqual({ ok: true, value: 'it is taken' });
  expect(await collect(store.events('TEST#again'))).toEqual([]);
});

test('an item whose time is over is gone at that second, for reads, lists and conditions', async () => {
  let nowMs = Date.parse('2026-03-01T03:00:00Z');
  const store = database.store({ now: () => new Date(nowMs) });
  const key = { pk: 'DEDUPE#attic', sk: 'fingerprint' };
  const expiresAtS = nowMs / 1000 + 60;
  const claim = { do: 'put', key, attributes: { alert: 'a' }, when: { is: 'absent' }, expiresAtS } as const;
  expect(await store.write(claim)).toBe('written');
  expect(await store.get(key)).toEqual({ ...key, attributes: { alert: 'a' } });
  nowMs += 59_999;
  expect(await store.write(claim)).toBe('refused');
  expect(await store.query(key.pk)).toHaveLength(1);
  nowMs += 1;
  expect(await store.get(key)).toBeUndefined();
  expect(await store.query(key.pk)).toEqual([]);
  expect(await store.write({ do: 'check', key, when: { is: 'present' } })).toBe('refused');
  expect(await store.write(claim)).toBe('written');
});

test('a query gives the items of one key in order, by prefix, as many as asked for', async () => {
  const store = database.store();
  const pk = 'NODE#attic';
  for (const sk of ['NODE#c', 'NODE#a', 'NODE#b', 'META']) {
    await store.write({ do: 'put', key: { pk, sk }, attributes: { size: 1 } });
  }
  const sks = async (options: { skPrefix?: string; limit?: number }) =>
    (await store.query(pk, options)).map(({ sk }) => sk);
  expect(await sks({})).toEqual(['META', 'NODE#a', 'NODE#b', 'NODE#c']);
  expect(await sks({ skPrefix: 'NODE#' })).toEqual(['NODE#a', 'NODE#b', 'NODE#c']);
  expect(await sks({ skPrefix: 'NODE#', limit: 2 })).toEqual(['NODE#a', 'NODE#b']);
  expect(await store.query('NODE#cellar')).toEqual([]);
});

test('more than one page of items, a megabyte each, comes back whole', async () => {
  const store = database.store();
  const attributes = { text: 'x'.repeat(300_000) };
  for (let n = 0; n < 8; n += 1) {
    await store.write({ do: 'put', key: { pk: 'LARGE', sk: String(n) }, attributes });
  }
  expect(await store.query('LARGE')).toHaveLength(8);
});

test('streams are listed newest first; the sweep sees only the open ones', async () => {
  let second = 0;
  const now = () => new Date(Date.UTC(2030, 0, 1, 0, 0, second));
  const store = database.store({ now });
  for (const [stream, by] of [
    ['TEST#1', 1],
    ['TEST#2', 10],
    ['TEST#3', 2],
  ] as const) {
    second += 1;
    await store.change(counter, stream, () => ({ events: [added(by)], result: undefined }));
  }
  // Indexes follow within moments on real DynamoDB.
  await expect.poll(() => store.listed('COUNTER', 2), { timeout: 20_000 }).toEqual(['TEST#3', 'TEST#2']);
  await expect.poll(async () => (await store.open()).toSorted(), { timeout: 20_000 }).toEqual(['TEST#1', 'TEST#3']);
  second += 1;
  await store.change(counter, 'TEST#1', () => ({ events: [added(10)], result: undefined }));
  await expect.poll(() => store.open(), { timeout: 20_000 }).toEqual(['TEST#3']);
});

test.for([
  { attributes: { pk: 'x' }, why: 'the attribute pk belongs to the store' },
  { attributes: { expiresAtS: 1 }, why: 'the attribute expiresAtS belongs to the store' },
  { attributes: { share: 0.5 }, why: 'attribute share is 0.5' },
])('a write is refused as a bug: $why', async ({ attributes, why }) => {
  await expect(database.store().write({ do: 'put', key: lease, attributes })).rejects.toThrow(why);
});
