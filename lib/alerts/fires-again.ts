/**
 * How long after the end of an alert a firing of it may still be under way: an Alertmanager gives a notification up after
 * its group_interval, five minutes where nobody changed it, and the second of a pair waits 15 s for the first before.
 * Source: Alertmanager, dispatch/dispatch.go and cmd/alertmanager, `clusterWait`.
 */
const LATE_FOR_MS = 6 * 60_000;

/** `endsAt` as Alertmanager says it, by its clock; `heardAt`: when that came, by ours. ISO 8601, both. */
export type Ended = { readonly endsAt: string; readonly heardAt: string };

/**
 * Does a firing of an alert that has ended mean that it fires again? Alertmanager keeps `startsAt` when an alert comes
 * back that it only lost sight of, and a firing says nothing of when it was made: so only its time of arrival can tell it
 * from one that the other Alertmanager of a pair delivers late. It counts once no late one can be under way any more.
 */
export const firesAgain = ({ endsAt, heardAt }: Ended, receivedAt: string): boolean =>
  // a clock that goes ahead tells an end that is still to come; what was heard is over
  Date.parse(receivedAt) > Math.min(Date.parse(endsAt), Date.parse(heardAt)) + LATE_FOR_MS;

/** A resolve that tells the end of before, again: not that of an alert that has fired again since. */
export const isEndOfBefore = (endsAt: string, before: string): boolean => Date.parse(endsAt) <= Date.parse(before);
