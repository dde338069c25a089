import type { PlanState } from './state.ts';

/** The people who can approve are called when a plan begins to wait, and once more when half of its time is over. */
export type Call = 1 | 2;

const halfTime = (since: string, until: string): string =>
  new Date((Date.parse(since) + Date.parse(until)) / 2).toISOString();

/** When the next call is due; undefined: there is none any more. */
export function nextCallAt({ status, approvals, expiresAt, called = 0 }: PlanState): string | undefined {
  const [first] = approvals;
  if (status !== 'awaiting' || first === undefined || called >= 2) return undefined;
  return called === 0 ? first.at : halfTime(first.at, expiresAt);
}

/** The call to make now. One that comes so late that the second is due stands for both. */
export function callDue(plan: PlanState, now: string): Call | undefined {
  const dueAt = nextCallAt(plan);
  const [first] = plan.approvals;
  if (dueAt === undefined || first === undefined || now < dueAt || now >= plan.expiresAt) return undefined;
  return now >= halfTime(first.at, plan.expiresAt) ? 2 : 1;
}
