import type { Evidence } from '../evidence/evidence.ts';
import type { ServiceReading } from '../evidence/values.ts';

/** When it came into the state that it is in now; undefined where no time was read. */
export function inStateSince({ state, events }: ServiceReading): string | undefined {
  const first = events.findLastIndex((event) => event.state !== state) + 1;
  return events[first]?.at || undefined;
}

/** Whole minutes from `since` to the sweep; undefined where `since` is no time. */
export function minutesUntilNow({ collectedAt }: Evidence, since: string | undefined): number | undefined {
  const ms = Date.parse(collectedAt) - Date.parse(since ?? '');
  return Number.isNaN(ms) ? undefined : Math.max(0, Math.floor(ms / 60_000));
}
