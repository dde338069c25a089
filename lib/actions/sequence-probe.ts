import type { Plan } from '../approvals/plan.ts';
import { bootFacts, parseBoot, sameBoot } from '../evidence/boot.ts';
import { readValue } from '../evidence/reading.ts';
import type { Probe, ProbeFacts } from './action.ts';

/** Stages that a sequence shows itself by. Source: siderolabs/talos, controllers/runtime/machine_status.go. */
const STAGES = {
  reboot: ['rebooting', 'shutting down'],
  upgrade: ['upgrading', 'rebooting'],
  reset: ['resetting', 'rebooting'],
} as const;

/** Did a call that starts a sequence and ends in another boot arrive? */
export function sequenceProbe(
  sequence: keyof typeof STAGES,
  plan: Plan,
  { evidence, deadlinePassed }: ProbeFacts,
): Probe {
  const isSame = sameBoot(parseBoot(plan.boot), bootFacts(evidence));
  const stage = readValue(evidence.readings.machineStatus)?.stage;
  if (isSame === false) return { answer: 'arrived', because: 'The node booted since.' };
  if (STAGES[sequence].some((one) => one === stage)) return { answer: 'arrived', because: `The stage is ${stage}.` };
  const since = readValue(evidence.readings.sequences)?.filter(({ id }) => id > plan.lastSequenceId);
  if (since?.some((one) => one.sequence === sequence && one.action === 'START')) {
    return { answer: 'arrived', because: `A sequence ${sequence} has started since.` };
  }
  const isQuiet = isSame === true && stage === 'running' && since?.length === 0;
  if (isQuiet && deadlinePassed) {
    return {
      answer: 'not_arrived',
      because: 'Same boot, stage running, no sequence since, and the deadline of the call has passed.',
    };
  }
  return { answer: 'unknown', because: evidence.reach.error?.message ?? 'The node cannot tell yet.' };
}
