import type { RecordFacts } from './facts.ts';
import { allowed, type Gate, refused } from './gate.ts';
import type { ChangeWindow } from './limits.ts';

type Day = ChangeWindow['days'][number];
/** Monday first. */
const WEEK: readonly Day[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Windows for this risk bind it: it may begin in one of them only. No window for it: at any time. */
export const changeWindow: Gate<Pick<RecordFacts, 'action' | 'now' | 'limits' | 'hasBegun'>> = (facts) => {
  const { action, now, limits } = facts;
  if (facts.hasBegun) return allowed('It has begun, and is brought to its end.', 'plan');
  const binding = limits.changeWindows.filter(({ riskAtLeast }) => action.risk >= riskAtLeast);
  if (binding.length === 0) return allowed(`No change window binds actions of risk ${action.risk}.`, 'config');
  const open = binding.find((window) => isOpen(window, now));
  if (open !== undefined) return allowed(`The change window ${inWords(open)} is open.`, 'config', 'clock');
  const windows = binding.map(inWords).join('; ');
  return refused(`Actions of risk ${action.risk} wait for a change window: ${windows}.`, 'config', 'clock');
};

/** The day is the one on which the window begins; the minute of `to` is outside. A time that is none: closed. */
export function isOpen(window: ChangeWindow, now: string): boolean {
  const { days, from, to } = window;
  const clock = wallClock(now, window.timeZone);
  if (clock === undefined) return false;
  const { day, time } = clock;
  if (from < to) return days.includes(day) && from <= time && time < to;
  return (days.includes(day) && time >= from) || (days.includes(dayBefore(day)) && time < to);
}

const dayBefore = (day: Day): Day => WEEK[(WEEK.indexOf(day) + 6) % 7] ?? day;

/** What a clock on a wall in that zone shows, summer time and all. */
function wallClock(now: string, timeZone: string): { readonly day: Day; readonly time: string } | undefined {
  const at = new Date(now);
  if (Number.isNaN(at.getTime())) return undefined;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const day = WEEK.find((one) => one === parts.get('weekday')?.toLowerCase());
  return day && { day, time: `${parts.get('hour')}:${parts.get('minute')}` };
}

const inWords = ({ days, from, to, timeZone }: ChangeWindow): string =>
  `${days.length === WEEK.length ? 'every day' : days.join(', ')} ${from} to ${to} (${timeZone})`;
