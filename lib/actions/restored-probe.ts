import { readValue } from '../evidence/reading.ts';
import type { Probe, ProbeFacts } from './action.ts';

/** Did a config that was sent into maintenance mode arrive? `spki`: key of the boot that it was sent to. */
export function restoredProbe(spki: string, { evidence, deadlinePassed }: ProbeFacts): Probe {
  const { mode, certificate } = evidence.reach;
  const stage = readValue(evidence.readings.machineStatus)?.stage;
  if (mode === 'mtls' || mode === 'forwarded') {
    return { answer: 'arrived', because: "The node answers under the cluster's certificate." };
  }
  if (mode !== 'maintenance' || certificate === undefined || stage === undefined) {
    return { answer: 'unknown', because: evidence.reach.error?.message ?? 'The node cannot tell yet.' };
  }
  if (certificate.spki !== spki) {
    return { answer: 'unknown', because: 'The node booted again into maintenance mode.' };
  }
  if (stage !== 'maintenance') return { answer: 'arrived', because: `The stage is ${stage}.` };
  if (!deadlinePassed) return { answer: 'unknown', because: 'The deadline of the call has not passed yet.' };
  return {
    answer: 'not_arrived',
    because: 'Still in maintenance mode in the same boot, and the deadline of the call has passed.',
  };
}
