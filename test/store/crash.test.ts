import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyAudit } from '../../lib/audit/verify.ts';
import { added, counter } from './counter.ts';
import { collect, type Database, startDatabase } from './database.ts';

let database: Database;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.stop());

test('kill -9 of the database while 6 instances write loses no acknowledged event and doubles none', async () => {
  const streams = ['TEST#a', 'TEST#b', 'TEST#c'];
  const acknowledged = new Set<string>();
  const unacknowledged = new Set<string>();
  let isWriting = true;
  const writers = Array.from({ length: 6 }, async (_, writer) => {
    const store = database.store();
    const stream = streams[writer % streams.length] ?? '';
    for (let n = 0; isWriting; n += 1) {
      const id = `${writer}-${n}`;
      const result = await store.change(counter, stream, () => ({ events: [added(1, id)], result: id }));
      (result.ok ? acknowledged : unacknowledged).add(id);
    }
  });
  const killed = new Set<number>();
  for (const enough of [50, 100, 150]) {
    await expect.poll(() => acknowledged.size, { timeout: 30_000, interval: 5 }).toBeGreaterThan(enough);
    const pid = database.pid();
    if (pid === undefined) throw new Error('this test needs the embedded database');
    killed.add(pid);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => database.pid(), { timeout: 30_000, interval: 5 }).not.toBe(pid);
  }
  await expect.poll(() => acknowledged.size, { timeout: 30_000, interval: 5 }).toBeGreaterThan(200);
  isWriting = false;
  await Promise.all(writers);

  expect(killed.size).toBe(3);
  const store = database.store();
  const ids: string[] = [];
  for (const stream of streams) {
    const events = await collect(store.events(stream));
    ids.push(...events.map(({ body }) => counter.parseEvent(JSON.parse(body)).actor.id));
    expect(await store.read(counter, stream)).toMatchObject({ events: events.length, sum: events.length });
  }
  expect(new Set(ids).size).toBe(ids.length);
  expect([...acknowledged].filter((id) => !ids.includes(id))).toEqual([]);
  expect(ids.filter((id) => !acknowledged.has(id) && !unacknowledged.has(id))).toEqual([]);
  expect(await verifyAudit(store)).toEqual({ ok: true, streams: 3, events: ids.length });
});
