import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { memoryStore, memoryTable } from '../../bench/adversary/memory-table.ts';
import type { Condition, Items, Ledger, Write } from '../../lib/store/ledger-types.ts';
import { added, counter } from './counter.ts';
import { type Database, startDatabase } from './database.ts';

// The adversary test plays on a table in memory: it has to answer as the real store does.

let database: Database;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.stop());

const when: fc.Arbitrary<Condition> = fc.oneof(
  fc.constant({ is: 'absent' } as const),
  fc.constant({ is: 'present' } as const),
  fc.record({ is: fc.constantFrom('equal' as const, 'absent_or_equal' as const), equals: fc.record({ n: fc.nat(2) }) }),
  fc.record({ is: fc.constant('absent_or_below' as const), below: fc.record({ n: fc.nat(2) }) }),
);
const key = fc.record({ pk: fc.constant('P'), sk: fc.constantFrom('a', 'ab', 'b') });
const write: fc.Arbitrary<Write> = fc.oneof(
  fc.record({ do: fc.constant('put' as const), key, attributes: fc.record({ n: fc.nat(2) }), when }),
  fc.record({ do: fc.constant('put' as const), key, attributes: fc.record({ n: fc.nat(2) }) }),
  fc.record({
    do: fc.constant('put' as const),
    key,
    attributes: fc.record({ n: fc.nat(2) }),
    expiresAtS: fc.constantFrom(99, 101),
  }),
  fc.record({ do: fc.constant('delete' as const), key, when }),
  fc.record({ do: fc.constant('check' as const), key, when }),
);
const steps = fc.array(
  fc.record({ write, by: fc.nat(9), isEvent: fc.boolean(), stream: fc.constantFrom('TEST#1', 'TEST#2') }),
  { minLength: 1, maxLength: 12 },
);
type Steps = ReturnType<typeof steps.generate>['value'];

const NOW = () => new Date(100_000);

/** Everything that can be told of a store, after each step of a story. A write that is refused is decided once more, without it. */
async function told(store: Ledger & Items, prefix: string, story: Steps): Promise<unknown> {
  const said: unknown[] = [];
  const mine = <W extends Write>(one: W): W => ({ ...one, key: { ...one.key, pk: `${prefix}${one.key.pk}` } });
  for (const { write: one, by, isEvent, stream } of story) {
    const name = `${prefix}${stream}`;
    let tries = 0;
    const does = () =>
      store.change(counter, name, (state) => {
        tries += 1;
        return { events: [added(by)], writes: tries === 1 ? [mine(one)] : [], result: [tries, state?.sum] };
      });
    said.push(isEvent ? await does() : await store.write(mine(one)));
    said.push((await store.query(`${prefix}P`)).map(({ sk, attributes }) => [sk, attributes]));
    said.push((await store.query(`${prefix}P`, { skPrefix: 'a', limit: 1 })).map(({ sk }) => sk));
    said.push((await store.get({ pk: `${prefix}P`, sk: 'b' }))?.attributes, await store.read(counter, name));
    const bodies: unknown[] = [];
    for await (const { seq, body } of store.events(name)) bodies.push([seq, JSON.parse(body)]);
    said.push(bodies);
    said.push(
      (await store.open())
        .filter((open) => open.startsWith(prefix))
        .map((open) => open.slice(prefix.length))
        .toSorted(),
    );
  }
  return said;
}

test('the table in memory answers as the store on the database does', async () => {
  let stories = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (story) => {
      stories += 1;
      const wire = {
        now: NOW,
        read: async () => {},
        write: async (take: () => boolean) => (take() ? ('taken' as const) : ('refused' as const)),
      };
      const real = await told(database.store({ now: NOW }), `S${stories}#`, story);
      expect(await told(memoryStore(memoryTable(), wire), `S${stories}#`, story)).toEqual(real);
    }),
    { numRuns: 25 },
  );
});
