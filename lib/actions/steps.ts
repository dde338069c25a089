import type { Step } from '../approvals/plan.ts';

/** First of every plan that disrupts: what a reboot would take away is kept before. */
export const keepEvidence = (what = 'kernel log, services, events'): Step => ({
  n: 0,
  method: 'collect_evidence',
  request: { what },
  probe: 'Changes nothing.',
  deadlineMs: 30_000,
});

/** The reply only says that the sequence was asked for. */
const REBOOT_MS = 5_000;

export const rebootStep = (mode = 'DEFAULT'): Omit<Step, 'n'> => ({
  method: 'Reboot',
  request: { mode },
  probe: 'Another boot, or a reboot sequence in the event log, shows that it arrived.',
  deadlineMs: REBOOT_MS,
});

export const numbered = (steps: readonly Omit<Step, 'n'>[]): Step[] => steps.map((step, n) => ({ ...step, n }));
