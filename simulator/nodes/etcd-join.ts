import { activeVoters, isEtcdServing, membersInReach } from './etcd.ts';
import { removalProblem, removeMember } from './etcd-membership.ts';
import { etcdIdFrom } from './identity.ts';
import { bootOf, talos } from './record.ts';
import type { ClusterState, NodeState } from './state.ts';
import { after, type Next } from './step.ts';

/** A node without data asks the others to take it in. Source: system/services/etcd.go, buildInitialCluster, addMember. */
const RETRY_MS = 10_000;
/** Thirty seconds. */
const TRIES_PER_HINT = 3;

/** Talos tells an error once, however often it repeats. */
export function retrying(node: NodeState, at: number, problem: string): void {
  const text = `retrying error: ${problem}`;
  if (!bootOf(node).kernelLog.some((line) => line.text === `[talos] ${text}`)) talos(node, at, text);
}

/** A member of the same name is removed first, whosever it is: with two nodes of one name each removes the other. */
function problemOf(cluster: ClusterState, node: NodeState): string | undefined {
  const name = bootOf(node).etcdName ?? '';
  const { etcd } = cluster;
  if (membersInReach(cluster, node).length === 0) return 'error getting etcd member list: context deadline exceeded';
  if (!isEtcdServing(cluster, node)) return 'error getting etcd member list: etcdserver: no leader';
  for (const member of etcd.members.filter((known) => known.name === name || known.node === node.name)) {
    const problem = removalProblem(cluster, member.id, node);
    if (problem !== undefined) return `error removing self from the member list: ${problem}`;
    removeMember(cluster, member.id);
    const other = cluster.nodes[member.node];
    if (other !== undefined && other !== node) other.physical.disk.etcdData = 'removed';
  }
  if (etcd.members.some(({ isLearner }) => isLearner)) {
    return 'error adding member: etcdserver: too many learner members in cluster';
  }
  const voters = etcd.members.length;
  const leader = etcd.members.find(({ id }) => id === etcd.leader) ?? etcd.members[0];
  const isWhole = leader !== undefined && activeVoters(cluster, leader).length === voters;
  return isWhole ? undefined : 'error adding member: etcdserver: unhealthy cluster';
}

/** As a learner that has no name yet; `joined` is what comes next. */
export function joinsAnew(cluster: ClusterState, node: NodeState, at: number, tries: number, joined: Next[]): Next[] {
  const problem = problemOf(cluster, node);
  if (problem === undefined) {
    const id = etcdIdFrom(cluster.seed, node.name, bootOf(node).id);
    cluster.etcd.members.push({ id, node: node.name, name: '', isLearner: true });
    delete node.physical.disk.etcdData;
    return joined;
  }
  if (tries % TRIES_PER_HINT === 0) {
    const hint = 'if this node is the first node in the cluster, please run `talosctl bootstrap`';
    talos(node, at, `etcd is waiting to join the cluster, ${hint} against one of the following IPs:`);
    talos(node, at, `[${node.address}]`);
  }
  retrying(node, at, problem);
  return [after(RETRY_MS, { kind: 'etcd_joins', tries: tries + 1 })];
}
