import { expect, test } from 'vitest';
import { firesAgain, isEndOfBefore } from '../../lib/alerts/fires-again.ts';

const ended = { endsAt: '2026-03-01T12:00:00.000Z', heardAt: '2026-03-01T12:01:00.000Z' };

test.for([
  { at: '2026-03-01T12:00:10.000Z', again: false, why: 'the other Alertmanager is seconds late' },
  { at: '2026-03-01T12:06:00.000Z', again: false, why: 'its notification may still be under way' },
  { at: '2026-03-01T12:06:00.001Z', again: true, why: 'none of before the end can be under way' },
])('a firing at $at: $why', ({ at, again }) => {
  expect(firesAgain(ended, at)).toBe(again);
});

test('an end that is said to be in the future began when it was heard', () => {
  const ahead = { ...ended, endsAt: '2026-03-01T13:00:00.000Z' };
  expect(firesAgain(ahead, '2026-03-01T12:07:00.000Z')).toBe(false);
  expect(firesAgain(ahead, '2026-03-01T12:07:00.001Z')).toBe(true);
});

test('times in another zone, or without milliseconds, are the same times', () => {
  expect(firesAgain({ ...ended, endsAt: '2026-03-01T13:00:00+01:00' }, '2026-03-01T12:06:01Z')).toBe(true);
  expect(isEndOfBefore('2026-03-01T13:00:00+01:00', '2026-03-01T12:00:00.000Z')).toBe(true);
  expect(isEndOfBefore('2026-03-01T12:00:01Z', '2026-03-01T12:00:00.000Z')).toBe(false);
});
