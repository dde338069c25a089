import { changeWindow } from './change-window.ts';
import type { RecordFacts } from './facts.ts';
import { allowed, deferred, type Gate, type GateName, refused } from './gate.ts';
import { repeatLimit } from './repeat-limit.ts';
import { stormGate } from './storm.ts';

const playbookStage: Gate<RecordFacts> = ({ playbookStage: at, suggestedBy }) => {
  const who = [...new Set(suggestedBy)].join(', ') || 'Playbooks';
  if (at === 'act') return allowed(`${who}: may offer actions in this cluster.`, 'config');
  return refused(`${who}: at stage "${at}" in this cluster, so findings only and no actions.`, 'config');
};

const freeze: Gate<RecordFacts> = ({ record }) => {
  if (record.known === 'no') return deferred('Whether the cluster is frozen shows when it is planned.', 'freeze');
  if (record.freeze === undefined) return allowed('The cluster is not frozen.', 'freeze');
  const { by, at, reason } = record.freeze;
  return refused(`${by} froze the cluster at ${at}: ${reason}. /medic unfreeze ends that.`, 'freeze');
};

const oneAtATime: Gate<RecordFacts> = ({ lease }) => {
  if (lease.state === 'free') return allowed('No other action runs in this cluster.', 'lease');
  if (lease.state === 'ours') return allowed('This plan holds the lease of the cluster.', 'lease');
  if (lease.state === 'unknown') return deferred('Whether another action runs shows when it is planned.', 'lease');
  if (lease.state === 'held') {
    return refused(`Another action (${lease.by}) is under way on ${lease.node}; one at a time.`, 'lease');
  }
  const { by, node, since } = lease;
  return refused(
    `An action (${by}) on ${node} is open since ${since} and nobody works on it: look at ${node}, then /medic takeover.`,
    'lease',
  );
};

/** Gates that ask no node, so that they are asked at an approval too. */
export const recordGates = {
  playbook_stage: playbookStage,
  freeze,
  change_window: changeWindow,
  one_at_a_time: oneAtATime,
  storm: stormGate,
  repeat_limit: repeatLimit,
} as const satisfies Partial<Readonly<Record<GateName, Gate<RecordFacts>>>>;
