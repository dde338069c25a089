import { expect, test } from 'vitest';
import { Limits } from '../../lib/safety/limits.ts';
import { answerOf, ask, reboot, record, restore } from './facts.ts';

const now = '2026-03-01T12:00:00.000Z';
const rebooted = (...times: string[]) => record({ past: times.map((at) => ({ action: 'reboot', at })) });

test.for([
  { past: [], answer: 'allowed', why: 'never' },
  { past: ['2026-03-01T11:00:00.000Z'], answer: 'allowed', why: 'once' },
  { past: ['2026-03-01T11:00:00.000Z', '2026-03-01T06:00:00.001Z'], answer: 'refused', why: 'twice in six hours' },
  { past: ['2026-03-01T11:00:00.000Z', '2026-03-01T06:00:00.000Z'], answer: 'allowed', why: 'six hours ago is over' },
  { past: ['no time', '2026-03-01T11:00:00.000Z'], answer: 'refused', why: 'a time that nobody can read counts' },
])('a reboot after $past: $why', ({ past, answer }) => {
  expect(ask('repeat_limit', reboot({ now, record: rebooted(...past) }))).toBe(answer);
});

test('a destructive action is done once, and another action on the node does not count', () => {
  const at = '2026-03-01T11:00:00.000Z';
  expect(ask('repeat_limit', restore({ now, record: rebooted(at, at, at) }))).toBe('allowed');
  const restored = record({ past: [{ action: 'restore_config', at }] });
  expect(answerOf('repeat_limit', restore({ now, record: restored }))).toMatchObject({
    answer: 'refused',
    because:
      'Restore config was done on this node once in the last 6 h (last 2026-03-01T11:00:00.000Z), the limit is 1: find out why it did not last before it is done again.',
  });
});

test('a team sets its own limit', () => {
  const at = '2026-03-01T11:00:00.000Z';
  const limits = Limits.parse({ repeat: { R2: 4, withinHours: 1 } });
  expect(ask('repeat_limit', reboot({ now, limits, record: rebooted(at, at, at) }))).toBe('allowed');
  const past = rebooted('2026-03-01T11:59:00.000Z', ...Array.from({ length: 3 }, () => '2026-03-01T11:30:00.000Z'));
  expect(ask('repeat_limit', reboot({ now, limits, record: past }))).toBe('refused');
});

test('a config that follows a wipe is sent, even where one was restored an hour ago', () => {
  const past = [{ action: 'restore_config' as const, at: '2026-03-01T11:00:00.000Z' }];
  expect(ask('repeat_limit', restore({ now, record: record({ past }), hasBegun: true }))).toBe('allowed');
});

test('within no time there is no limit', () => {
  const limits = Limits.parse({ repeat: { withinHours: 0 } });
  expect(ask('repeat_limit', reboot({ now, limits, record: rebooted(now, now, now) }))).toBe('allowed');
});

test('without a record it is deferred', () => {
  expect(ask('repeat_limit', reboot({ record: { known: 'no' } }))).toBe('deferred');
});
