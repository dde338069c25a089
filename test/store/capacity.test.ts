import { afterAll, beforeAll, expect, test } from 'vitest';
import { countUnits } from './capacity.ts';
import { added, counter } from './counter.ts';
import { type Database, startDatabase } from './database.ts';

let database: Database;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.stop());

/**
 * Transaction: 2 for the event, 2 for the head, which is under 1 KB; 1 for each index entry that is new: by node, by
 * day and, for people, by actor; the head's `list` entry moves, which is 2. So an incident of 40 events and small
 * heads stays far under its 500.
 */
test.for([
  { who: 'a person', kind: 'person', atMost: 9 },
  { who: 'Medic itself, which is not indexed by actor', kind: 'medic', atMost: 8 },
])('one event of $who costs at most $atMost write units and one read unit', async ({ kind, atMost }) => {
  const stream = `TEST#${kind}`;
  const client = database.client();
  const store = database.store({ client });
  const event = { ...added(1), actor: { kind, id: 'U1' } };
  await store.change(counter, stream, () => ({ events: [event], result: undefined }));
  const units = countUnits(client);
  await store.change(counter, stream, () => ({ events: [event], result: undefined }));
  expect(units.writes).toBeGreaterThan(3);
  expect(units.writes).toBeLessThanOrEqual(atMost);
  expect(units.reads).toBe(1);
});
