import type { Step } from '../approvals/plan.ts';

/** First of every plan that disrupts: what a reboot would take away is kept before. */
export const keepEvidence = (what = 'kernel log, services, events'): Step => ({
  n: 0,
  method: 'collect_evidence',
  request: { what },
  probe: 'Changes nothing.',
  deadlineMs: 30_000,
});
