import { readValue } from '../evidence/reading.ts';
import type { MachineStage, SequenceReading } from '../evidence/values.ts';
import type { GateFacts } from './facts.ts';
import { allowed, type Gate, refused } from './gate.ts';

/** Stages in which somebody is changing a node. */
const CHANGING: readonly MachineStage[] = ['installing', 'rebooting', 'shutting down', 'resetting', 'upgrading'];
/** Sequences that no one asked for: a boot that hangs may be taken over. */
const BY_ITSELF: readonly string[] = ['initialize', 'boot'];

/** Nobody else is changing the node, or, while it is stopped, one of the control planes. */
export const anotherActor: Gate<Pick<GateFacts, 'action' | 'evidence' | 'planned'>> = (facts) => {
  const { action, evidence } = facts;
  if (action.startsIn === 'running' && action.calls === 'node') {
    const sequences = readValue(evidence.readings.sequences);
    if (sequences === undefined) {
      return refused('The node did not say which sequences run on it, so somebody else may be at work.', 'sequences');
    }
    const ours = facts.planned?.actorIds ?? [];
    const other = runningSequences(sequences).find((one) => !BY_ITSELF.includes(one.sequence) && !isOf(one, ours));
    if (other !== undefined) {
      return refused(`Somebody else runs ${other.sequence} on the node; wait until that has ended.`, 'sequences');
    }
  }
  if (action.stops !== 'node' && action.stops !== 'etcd' && action.calls === 'node') {
    return allowed('Nobody else is at work on the node.', 'sequences', 'machineStatus');
  }
  for (const { node, machineStatus } of evidence.peers) {
    const stage = readValue(machineStatus)?.stage;
    if (stage === undefined)
      return refused(`${node} did not say whether it is being changed; look at it first.`, 'peers');
    if (CHANGING.includes(stage)) return refused(`${node} is ${stage}; wait until that has ended.`, 'peers');
  }
  return allowed('Nobody else is at work on the node or on a control plane.', 'sequences', 'peers');
};

const isOf = ({ actorId }: SequenceReading, ours: readonly string[]): boolean =>
  actorId !== '' && ours.includes(actorId);

/**
 * Those that began and did not end. A failure or a takeover is told by an event without START or STOP; one that was
 * refused by the lock never began. Source: siderolabs/talos, v1alpha1_controller.go.
 */
function runningSequences(events: readonly SequenceReading[]): readonly SequenceReading[] {
  const running = new Map<string, SequenceReading>();
  for (const event of events) {
    const hasFailed = event.error !== undefined && event.error.code !== 'LOCKED';
    if (event.action === 'START') running.set(event.sequence, event);
    else if (event.action === 'STOP' || hasFailed) running.delete(event.sequence);
  }
  return [...running.values()];
}
