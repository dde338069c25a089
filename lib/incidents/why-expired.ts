import type { PlanStatus } from './state.ts';

/** What a plan was waiting for when its time was over. */
export function whyExpired(status: PlanStatus): string {
  if (status === 'preparing') return 'it could not be prepared in time';
  if (status === 'ready') return 'it was not confirmed in time';
  if (status === 'approved') return 'it was approved, but could not begin in time';
  return 'nobody decided in time';
}
