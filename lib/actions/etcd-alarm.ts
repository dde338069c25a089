import type { Step } from '../approvals/plan.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Check } from '../incidents/event.ts';
import { list } from '../playbooks/cite.ts';
import { gib } from '../playbooks/etcd-space.ts';
import type { TalosOperator } from '../talos/orders.ts';
import type { NodeTarget } from '../talos/talos.ts';
import type { Probe, ProbeFacts, StepOutcome } from './action.ts';
import { type EtcdFiles, etcdFiles } from './etcd-files.ts';
import { notDone } from './sent.ts';

/** Last of what makes room in etcd, and an action of its own where room is there already. */
const CALL_MS = 20_000;

export const disarmStep = (n: number): Step => ({
  n,
  method: 'EtcdAlarmDisarm',
  request: {},
  probe: 'No member reports NOSPACE any more; as long as one does, disarming again harms nobody.',
  deadlineMs: CALL_MS,
});

/** Why the next write would raise the alarm again; undefined: it would not. */
export function whyNotYet({ alarm, unread }: EtcdFiles): string | undefined {
  if (alarm === undefined || alarm.kind === 'disarm') return undefined;
  if (unread.length > 0)
    return `${list(unread)} did not say how large the etcd file is; a full one raises the alarm again.`;
  return `The largest etcd file has ${gib(alarm.largestBytes)} of a quota of ${gib(alarm.quotaBytes)}: the next write would raise the alarm again.`;
}

/** Talos RPC `EtcdAlarmDisarm`, role os:operator. It takes back every alarm of the cluster. */
export async function disarm(
  talos: Pick<TalosOperator, 'etcdDisarmAlarms'>,
  { deadlineMs }: Step,
  target: NodeTarget,
  evidence: Evidence,
): Promise<StepOutcome> {
  const files = etcdFiles(evidence);
  const because = whyNotYet(files);
  if (because !== undefined) return { outcome: 'refused', because };
  if (files.alarm === undefined) return { outcome: 'done', because: 'The alarm is gone already; nothing was sent.' };
  const reply = await talos.etcdDisarmAlarms(target, { deadlineMs });
  return reply.ok ? { outcome: 'done', because: 'etcd took its alarms back.' } : notDone(reply.error);
}

export function probeDisarm({ evidence, deadlinePassed }: ProbeFacts): Probe {
  const { alarm, unread } = etcdFiles(evidence);
  if (alarm === undefined && unread.length === 0)
    return { answer: 'arrived', because: 'No member reports NOSPACE any more.' };
  if (alarm === undefined) return { answer: 'unknown', because: `The etcd of ${list(unread)} did not answer.` };
  if (!deadlinePassed) return { answer: 'unknown', because: 'The deadline of the call has not passed yet.' };
  return {
    answer: 'not_arrived',
    because: 'NOSPACE is on after the deadline of the call: it did not arrive, or a write raised it again.',
  };
}

export function alarmCheck(evidence: Evidence): Check {
  const { alarm, unread } = etcdFiles(evidence);
  const name = 'Alarm NOSPACE';
  if (alarm !== undefined) return { name, answer: 'no', says: `still on: ${list(alarm.alarmed)}` };
  if (unread.length > 0) return { name, answer: 'unknown', says: `the etcd of ${list(unread)} did not answer` };
  return { name, answer: 'yes', says: 'no member reports it' };
}
