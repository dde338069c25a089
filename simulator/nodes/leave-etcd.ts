import { stopServices } from './boot-services.ts';
import { electLeader, memberOf } from './etcd.ts';
import { removalProblem, removeMember } from './etcd-membership.ts';
import type { Done } from './sequence-tasks.ts';
import type { ClusterState, NodeState } from './state.ts';

const RETRY_MS = 10_000;
/** Five minutes. */
const TRIES = 30;
const LEAVING_STATES: ReadonlySet<string | undefined> = new Set(['Running', 'Stopping', 'Failed']);

/**
 * Removes the node's own member, stops etcd and deletes its data. Skipped where etcd has no data or does not run; only
 * an unhealthy cluster is worth another try. Source: v1alpha1_sequencer_tasks.go, LeaveEtcd; internal/pkg/etcd/etcd.go.
 */
export function leaveEtcd(cluster: ClusterState, node: NodeState, at: number, tries: number): Done {
  const { disk } = node.physical;
  const member = memberOf(cluster, node);
  const isRunning = LEAVING_STATES.has(node.boot?.services['etcd']?.state);
  if (disk.etcdData === 'none' || !isRunning || member === undefined) return { done: true };
  const problem = removalProblem(cluster, member.id, node);
  const cause = `failed to remove member ${member.id}: ${problem}`;
  if (problem === 'etcdserver: unhealthy cluster') {
    if (tries < TRIES) return { againAfterMs: RETRY_MS };
    return { failure: `failed to leave cluster: 2 error(s) occurred:\n\t${cause}\n\ttimeout` };
  }
  if (problem !== undefined) return { failure: `failed to leave cluster: ${cause}` };
  removeMember(cluster, member.id);
  stopServices(node, at, ['etcd']);
  disk.etcdData = 'none';
  electLeader(cluster);
  return { done: true };
}
