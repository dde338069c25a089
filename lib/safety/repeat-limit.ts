import { ACTION_TITLES } from '../approvals/action-name.ts';
import type { RecordFacts } from './facts.ts';
import { allowed, deferred, type Gate, refused } from './gate.ts';

const HOUR_MS = 3_600_000;

/** The same thing done to the same node again and again helps nobody. A time that is none counts as now. */
export const repeatLimit: Gate<Pick<RecordFacts, 'action' | 'now' | 'limits' | 'record' | 'hasBegun'>> = (facts) => {
  const { action, now, limits, record } = facts;
  if (facts.hasBegun) return allowed('It has begun, and is brought to its end.', 'plan');
  if (record.known === 'no') return deferred('How often it was done shows when it is planned.', 'past actions');
  const { withinHours, [action.risk]: limit } = limits.repeat;
  const since = Date.parse(now) - withinHours * HOUR_MS;
  const times = record.past
    .filter((past) => past.action === action.name && !(Date.parse(past.at) <= since))
    .map(({ at }) => at)
    .toSorted();
  const done = `${ACTION_TITLES[action.name]} was done on this node ${often(times.length)} in the last ${withinHours} h`;
  if (times.length < limit) return allowed(`${done}; the limit is ${limit}.`, 'past actions');
  const last = times.at(-1);
  return refused(
    `${done} (last ${last}), the limit is ${limit}: find out why it did not last before it is done again.`,
    'past actions',
  );
};

const often = (times: number): string => (times === 1 ? 'once' : `${times} times`);
