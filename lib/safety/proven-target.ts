import { bootFacts, parseBoot, sameBoot } from '../evidence/boot.ts';
import { readValue } from '../evidence/reading.ts';
import { compareIdentity, observedIdentity } from '../inventory/identity.ts';
import { provenMember } from './dead-member.ts';
import type { GateFacts } from './facts.ts';
import { allowed, type Gate, refused } from './gate.ts';

/**
 * Two hardware facts of the machine agree with the inventory, and so does its role; once there is a plan, it is in the
 * very boot and state that the plan was made for.
 */
export const provenTarget: Gate = (facts) => {
  const { action, entry, evidence } = facts;
  if (action.calls === 'peer') return hasMoved(facts) ? refused(MOVED, 'plan') : provenMember(facts);
  if (entry === undefined) return refused('This machine is not in the inventory, so it cannot be proven.', 'inventory');
  const proof = compareIdentity(entry.identity, observedIdentity(evidence));
  if (proof.verdict !== 'same')
    return refused(`The machine is not proven: ${proof.because}`, 'inventory', 'systemInformation');
  // a node in maintenance mode has no config that would say it
  const type = action.startsIn === 'maintenance' ? entry.role : readValue(evidence.readings.machineType);
  if (type === undefined || roleOf(type) !== entry.role) {
    return refused(
      `It runs as ${type ?? 'nobody knows what'}, the inventory knows it as ${entry.role}.`,
      'machineType',
    );
  }
  const moved = facts.planned && whyMoved(facts.planned, facts);
  if (moved !== undefined) return refused(moved, 'plan', 'inventory', 'reach');
  return allowed(proof.because, 'inventory', 'systemInformation', 'disks', 'links');
};

const MOVED = 'What the plan rests on has changed since it was made.';
/** `init` is what the first control plane was called once. Source: siderolabs/talos, pkg/machinery/config/machine. */
const roleOf = (type: string) => (type === 'init' ? 'controlplane' : type);

/** Why it is not what the plan was made for any more. */
function whyMoved(plan: NonNullable<GateFacts['planned']>, facts: GateFacts): string | undefined {
  const { entry, evidence } = facts;
  if (plan.cluster !== entry?.cluster || plan.node !== entry.name || plan.role !== entry.role) {
    return `The plan is for ${plan.node} (${plan.role}) of ${plan.cluster}, which this is not.`;
  }
  if (plan.boot !== undefined) {
    const isSame = sameBoot(parseBoot(plan.boot), bootFacts(evidence));
    if (isSame === undefined) return 'Nothing tells whether it is still in the boot that the plan was made for.';
    if (!isSame) return 'The node has booted since the plan was made: another key or boot time answers.';
  }
  return hasMoved(facts) ? MOVED : undefined;
}

/** Its own calls change what a plan rests on. */
const hasMoved = ({ planned, hasBegun }: GateFacts): boolean =>
  planned !== undefined && !hasBegun && planned.digest !== planned.digestNow;
