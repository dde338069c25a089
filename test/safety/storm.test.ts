import { expect, test } from 'vitest';
import { Limits } from '../../lib/safety/limits.ts';
import { type IllNode, stormOf } from '../../lib/safety/storm.ts';
import { answerOf, ask, reboot, record } from './facts.ts';

/** Three nodes within ten minutes, fifteen to cool down. */
const limits = Limits.parse({});
const now = '2026-03-01T12:00:00.000Z';
const ill = (node: string, openedAt: string, health: IllNode['health'] = 'unhealthy'): IllNode => {
  return { node, openedAt, health };
};
const two = [ill('w-1', '2026-03-01T11:58:00.000Z'), ill('w-2', '2026-03-01T11:55:00.000Z')];

test.for([
  { third: ill('w-3', '2026-03-01T11:50:00.001Z'), state: 'active', why: 'the third within ten minutes' },
  { third: ill('w-3', '2026-03-01T11:50:00.000Z'), state: 'none', why: 'ten minutes ago is over' },
  { third: ill('w-3', '2026-03-01T11:59:00.000Z', 'unknown'), state: 'none', why: 'Talos has not confirmed it' },
  { third: ill('w-3', '2026-03-01T11:59:00.000Z', 'healthy'), state: 'none', why: 'Talos says that it is well' },
  { third: ill('w-3', ''), state: 'none', why: 'nobody knows since when' },
])('$third.node joins two: $why', ({ third, state }) => {
  expect(stormOf([...two, third], undefined, limits, now).state).toBe(state);
});

test('it lasts until fewer than three of them are new, and says who they are', () => {
  const all = [...two, ill('w-4', '2026-03-01T11:51:00.000Z'), ill('w-3', '2026-03-01T11:57:00.000Z')];
  expect(stormOf(all, undefined, limits, now)).toEqual({
    state: 'active',
    until: '2026-03-01T12:05:00.000Z', // the third newest opened at 11:55
    nodes: ['w-1', 'w-2', 'w-3', 'w-4'],
  });
});

test.for([
  { lastUntil: '2026-03-01T11:45:00.001Z', state: 'cooling', why: 'a quarter of an hour is not over' },
  { lastUntil: '2026-03-01T11:45:00.000Z', state: 'none', why: 'it is over' },
  { lastUntil: '2026-03-01T12:04:00.000Z', state: 'cooling', why: 'its incidents were closed early' },
])('after a storm until $lastUntil: $why', ({ lastUntil, state }) => {
  expect(stormOf([], lastUntil, limits, now).state).toBe(state);
});

test('nothing is done while it lasts or cools down, except bringing to an end what has begun', () => {
  const storm = (state: 'active' | 'cooling') =>
    record({ storm: { state, until: '2026-03-01T12:05:00.000Z', nodes: ['w-1', 'w-2', 'w-3', 'w-4', 'w-5', 'w-6'] } });
  expect(answerOf('storm', reboot({ record: storm('active') }))).toMatchObject({
    answer: 'refused',
    because: '6 nodes fell ill together (w-1, w-2, w-3, w-4, w-5 and 1 more): look for what they have in common first.',
  });
  expect(ask('storm', reboot({ record: storm('cooling') }))).toBe('refused');
  expect(ask('storm', reboot({ record: storm('active'), hasBegun: true }))).toBe('allowed');
  expect(ask('storm', reboot({ record: { known: 'no' } }))).toBe('deferred');
});
