import { expect, test } from 'vitest';
import { isOpen } from '../../lib/safety/change-window.ts';
import { ChangeWindow, Limits } from '../../lib/safety/limits.ts';
import { answerOf, ask, reboot, restore } from './facts.ts';

const nights = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '22:00',
  to: '05:00',
  timeZone: 'Europe/Berlin',
};
const lunch = { days: ['sat'], from: '12:00', to: '13:00', timeZone: 'UTC' };

// 2026-03-02 is a Monday. Berlin is one hour ahead of UTC until 2026-03-29, two from then on.
test.for([
  { window: lunch, at: '2026-03-07T12:00:00Z', open: true, why: 'the first minute' },
  { window: lunch, at: '2026-03-07T12:59:59Z', open: true, why: 'the last second' },
  { window: lunch, at: '2026-03-07T13:00:00Z', open: false, why: 'the minute after' },
  { window: lunch, at: '2026-03-08T12:30:00Z', open: false, why: 'another day' },
  { window: nights, at: '2026-03-02T20:59:00Z', open: false, why: '21:59 in Berlin' },
  { window: nights, at: '2026-03-02T21:00:00Z', open: true, why: '22:00 in Berlin' },
  { window: nights, at: '2026-03-03T03:59:00Z', open: true, why: '04:59 of the next morning' },
  { window: nights, at: '2026-03-03T04:00:00Z', open: false, why: '05:00 of the next morning' },
  { window: nights, at: '2026-03-07T03:00:00Z', open: true, why: 'Saturday morning still belongs to Friday' },
  { window: nights, at: '2026-03-07T22:00:00Z', open: false, why: 'no window begins on a Saturday' },
  { window: nights, at: '2026-03-02T03:00:00Z', open: false, why: 'no window began on the Sunday before' },
  { window: nights, at: '2026-07-06T20:00:00Z', open: true, why: '22:00 in summer' },
  { window: nights, at: '2026-07-06T19:59:00Z', open: false, why: '21:59 in summer' },
  { window: { ...lunch, from: '00:00', to: '01:00' }, at: '2026-03-07T00:30:00Z', open: true, why: 'midnight is 00' },
  { window: nights, at: 'no time', open: false, why: 'no time can be told' },
])('a window at $at: $why', ({ window, at, open }) => {
  expect(isOpen(ChangeWindow.parse(window), at)).toBe(open);
});

test('a window binds what is risky enough, waits in words, and does not stop what has begun', () => {
  const limits = Limits.parse({ changeWindows: [{ ...lunch, riskAtLeast: 'R3' }] });
  const now = '2026-03-07T09:00:00.000Z';
  expect(ask('change_window', reboot({ limits, now }))).toBe('allowed');
  expect(ask('change_window', restore({ limits, now }))).toBe('refused');
  expect(answerOf('change_window', restore({ limits, now })).because).toBe(
    'Actions of risk R3 wait for a change window: sat 12:00 to 13:00 (UTC).',
  );
  expect(ask('change_window', restore({ limits, now: '2026-03-07T12:10:00.000Z' }))).toBe('allowed');
  expect(ask('change_window', restore({ limits, now, hasBegun: true }))).toBe('allowed');
});

test('of several windows one that is open is enough', () => {
  const limits = Limits.parse({ changeWindows: [lunch, nights] });
  expect(ask('change_window', reboot({ limits, now: '2026-03-07T12:30:00.000Z' }))).toBe('allowed');
  expect(ask('change_window', reboot({ limits, now: '2026-03-07T14:00:00.000Z' }))).toBe('refused');
});

test.for([
  { change: { timeZone: 'Mars/Olympus' }, says: 'IANA time zone' },
  { change: { from: '24:00' }, says: '00:00 to 23:59' },
  { change: { from: '05:00' }, says: 'same time' },
  { change: { days: [] }, says: 'expected array to have >=1 items' },
])('a window with $change is told to be wrong', ({ change, says }) => {
  const parsed = ChangeWindow.safeParse({ ...nights, ...change });
  expect(parsed.error?.message).toContain(says);
});
