import { expect, test } from 'vitest';
import { medic } from '../../lib/incidents/actor.ts';
import type { NewClusterEvent } from '../../lib/incidents/cluster-event.ts';
import { clusterKind } from '../../lib/incidents/cluster-stream.ts';
import { duePatrol, isPatrolDue } from '../../lib/incidents/due-patrol.ts';

const HOUR_MS = 3_600_000;
const NOW = '2026-03-01T12:00:00.000Z';
const base = { actor: medic, cluster: 'demo', node: '' };
const started: NewClusterEvent = { ...base, type: 'patrol_started', data: { because: 'it is time' } };
const wanted: NewClusterEvent = {
  ...base,
  actor: { kind: 'person', id: 'U1', team: 'T1', name: 'one' },
  type: 'patrol_wanted',
  data: { channel: 'C1' },
};
const finished: NewClusterEvent = {
  ...base,
  type: 'patrol_finished',
  data: { nodes: 1, readings: 9, tookMs: 1, notReached: [], notLooked: [], groups: [], fresh: [], gone: [] },
};
const failed: NewClusterEvent = { ...base, type: 'patrol_failed', data: { because: 'it broke off' } };
const told: NewClusterEvent = { ...base, type: 'patrol_told', data: { incident: '' } };
const answered: NewClusterEvent = {
  ...base,
  type: 'patrol_answered',
  data: { user: 'U1', channel: 'C1', because: '' },
};
/** Each event at its time of the same day. */
const after = (...events: readonly (readonly [string, NewClusterEvent])[]) =>
  events.reduce<ReturnType<typeof clusterKind.fold> | undefined>(
    (state, [time, event], n) => clusterKind.fold(state, clusterKind.stamp(event, n + 1, `2026-03-01T${time}:00.000Z`)),
    undefined,
  );

test.for([
  { what: 'never patrolled', state: after(), every: HOUR_MS, due: [`patrol ${NOW}`] },
  { what: 'never patrolled, and nobody wants it', state: after(), every: 0, due: [] },
  { what: 'somebody asked', state: after(['11:59', wanted]), every: 0, due: [`patrol ${NOW}`] },
  {
    what: 'done and told: the next one an hour after its beginning',
    state: after(['11:30', started], ['11:31', finished], ['11:31', told]),
    every: HOUR_MS,
    due: ['patrol 2026-03-01T12:30:00.000Z'],
  },
  { what: 'cut off', state: after(['11:58', started]), every: 0, due: [`patrol ${NOW}`] },
  { what: 'not told yet', state: after(['11:58', started], ['11:59', finished]), every: 0, due: [`patrol ${NOW}`] },
  {
    what: 'told, who asked waits for the answer',
    state: after(['11:57', wanted], ['11:58', started], ['11:59', finished], ['11:59', told]),
    every: 0,
    due: [`answer ${NOW}`],
  },
  {
    what: 'asked again while one goes on: that one answers the first, another follows',
    state: after(['11:57', wanted], ['11:58', started], ['11:58', wanted], ['11:59', finished], ['11:59', told]),
    every: 0,
    due: [`patrol ${NOW}`, `answer ${NOW}`],
  },
  {
    what: 'it could not look: who asked is told, the next one comes with the time',
    state: after(['11:57', wanted], ['11:58', started], ['11:59', failed]),
    every: HOUR_MS,
    due: ['patrol 2026-03-01T12:58:00.000Z', `answer ${NOW}`],
  },
  {
    what: 'answered',
    state: after(['11:57', wanted], ['11:58', started], ['11:59', finished], ['11:59', told], ['11:59', answered]),
    every: 0,
    due: [],
  },
])('$what', ({ state, every, due }) => {
  expect(duePatrol(state, NOW, every).map(({ step, notBefore }) => `${step} ${notBefore}`)).toEqual(due);
});

test('a message that came early or for a report that is not told begins no patrol', () => {
  const done = after(['11:30', started], ['11:31', finished], ['11:31', told]);
  expect(isPatrolDue(done, '2026-03-01T12:29:59.000Z', HOUR_MS)).toBe(false);
  expect(isPatrolDue(done, '2026-03-01T12:30:00.000Z', HOUR_MS)).toBe(true);
  expect(isPatrolDue(after(['11:30', started], ['11:31', finished]), NOW, HOUR_MS)).toBe(false);
});

test('a head of before there were patrols is read', () => {
  expect(clusterKind.decode('{"seq":4}')).toMatchObject({ seq: 4, wanted: [], startedAt: '' });
});
