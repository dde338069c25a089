import { readValue } from '../evidence/reading.ts';
import type { NodeRole } from '../inventory/entry.ts';
import type { GateFacts, OtherNode } from './facts.ts';
import { allowed, deferred, type Gate, refused, type Said } from './gate.ts';

type Facts = Pick<GateFacts, 'evidence' | 'entry' | 'record' | 'limits'>;
const FACTS = ['inventory', 'incidents', 'peers'];
const UNKNOWN = deferred('How the other nodes are shows when it is planned.', 'inventory', 'incidents');
const STRANGER = refused('This machine is not in the inventory, so its role is not known.', 'inventory');

/** Why another node does not count as well; undefined: it is well. */
function whyIll({ name, role, incident }: OtherNode, evidence: GateFacts['evidence']): string | undefined {
  if (incident !== 'none' && (role === 'controlplane' || incident !== 'healthy')) return `${name} has an open incident`;
  if (role === 'worker') return undefined; // no reader hears of a worker from others
  const status = readValue(evidence.peers.find(({ node }) => node === name)?.machineStatus);
  if (status === undefined) return `${name} did not say how it is`;
  if (status.stage !== 'running') return `${name} is ${status.stage}`;
  return status.ready ? undefined : `${name} is not ready`;
}

/** Enough others of the same role stay, counted, because shares mean little in small clusters. */
export const minHealthy: Gate<Facts> = ({ evidence, entry, record, limits }) => {
  if (entry === undefined) return STRANGER;
  if (record.known === 'no') return UNKNOWN;
  const others = record.others.filter(({ role }) => role === entry.role);
  const ill = others.map((other) => whyIll(other, evidence)).filter((why) => why !== undefined);
  const well = others.length - ill.length;
  const who = entry.role === 'worker' ? 'workers' : 'control planes';
  if (others.length === 0) return allowed(`It is the only one of the ${who}: none takes over its work.`, ...FACTS);
  const least = leastOf(limits.minHealthy[entry.role], entry.role, others.length);
  const counted = `${well} of ${others.length} other ${who} are well, ${least} must be`;
  return well >= least ? allowed(`${counted}.`, ...FACTS) : refused(`${counted}: ${list(ill)}.`, ...FACTS);
};

/** A share is one of the others, rounded up; of workers at least one must stay whatever the share. */
function leastOf(least: number | string | undefined, role: NodeRole, others: number): number {
  if (least === undefined) return 0; // quorum and one_control_plane decide
  if (typeof least === 'number') return least;
  return Math.max(role === 'worker' ? 1 : 0, Math.ceil((others * Number.parseInt(least, 10)) / 100));
}

/** While one control plane is not as it should be, no other one is taken away. */
export const oneControlPlane: Gate<Facts> = ({ evidence, entry, record }) => {
  if (entry === undefined) return STRANGER;
  if (entry.role === 'worker') return allowed('A worker is no control plane.', 'inventory');
  if (record.known === 'no') return UNKNOWN;
  const ill = record.others
    .filter(({ role }) => role === 'controlplane')
    .map((other) => whyIll(other, evidence))
    .filter((why) => why !== undefined);
  if (ill.length === 0) return allowed('Every other control plane is running and ready.', ...FACTS);
  return refused(`One control plane at a time: ${list(ill)}; see to that first.`, ...FACTS);
};

const list = (reasons: readonly string[]): Said['because'] =>
  reasons.length <= 3 ? reasons.join(', ') : `${reasons.slice(0, 3).join(', ')} and ${reasons.length - 3} more`;
