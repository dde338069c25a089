import { reachesEtcd } from './network.ts';
import type { ClusterState, EtcdMember, NodeState } from './state.ts';

/** Its process answers; whether it has a leader is another question. */
export function isEtcdUp(node: NodeState | undefined): boolean {
  if (node === undefined) return false;
  if (node.isAsBefore) return true;
  const isRunning = node.boot?.services['etcd']?.state === 'Running';
  return node.power === 'on' && isRunning && node.physical.disk.etcdData !== 'removed';
}

/** Talos' own check: it answers a read that needs the quorum. */
export const isEtcdHealthy = (node: NodeState): boolean =>
  isEtcdUp(node) && node.boot?.services['etcd']?.health.healthy === true;

export const memberOf = (cluster: ClusterState, node: NodeState): EtcdMember | undefined =>
  node.physical.cluster === 'own' ? cluster.etcd.members.find((member) => member.node === node.name) : undefined;

/** The node that a member runs on, where it is up. */
function nodeOf(cluster: ClusterState, member: EtcdMember): NodeState | undefined {
  const node = cluster.nodes[member.node];
  if (node === undefined || !isEtcdUp(node)) return undefined;
  return node.isAsBefore || node.physical.cluster === 'own' ? node : undefined;
}

export const isMemberUp = (cluster: ClusterState, member: EtcdMember): boolean => nodeOf(cluster, member) !== undefined;

const voters = (cluster: ClusterState) => cluster.etcd.members.filter((member) => !member.isLearner);

/** Voters that are up and that this member reaches, itself among them. */
export function activeVoters(cluster: ClusterState, from: EtcdMember): readonly EtcdMember[] {
  const own = nodeOf(cluster, from);
  if (own === undefined) return [];
  return voters(cluster).filter((member) => {
    const node = nodeOf(cluster, member);
    return node !== undefined && reachesEtcd(cluster, own, node);
  });
}

const mayLead = (cluster: ClusterState, member: EtcdMember): boolean =>
  activeVoters(cluster, member).length >= Math.floor(voters(cluster).length / 2) + 1;

/** A leader that lost the majority is replaced by the first voter that has it, in a new term; else there is none. */
export function electLeader(cluster: ClusterState): void {
  const { etcd } = cluster;
  const leader = voters(cluster).find(({ id }) => id === etcd.leader);
  if (leader !== undefined && mayLead(cluster, leader)) return;
  const next = voters(cluster).find((member) => mayLead(cluster, member))?.id ?? '0';
  if (next !== '0') etcd.term += 1;
  etcd.leader = next;
}

/** As the member of this node sees it; `0` where it sees none. */
export function leaderSeenBy(cluster: ClusterState, node: NodeState): string {
  electLeader(cluster);
  return electedSeenBy(cluster, node);
}

/** The same where the leader has just been elected. */
export function electedSeenBy(cluster: ClusterState, node: NodeState): string {
  const { etcd, nodes } = cluster;
  const leading = nodes[etcd.members.find(({ id }) => id === etcd.leader)?.node ?? ''];
  if (leading === undefined || !isEtcdUp(node)) return '0';
  return reachesEtcd(cluster, node, leading) ? etcd.leader : '0';
}

/** Members that a client on this node could ask. */
export const membersInReach = (cluster: ClusterState, from: NodeState): readonly NodeState[] =>
  cluster.etcd.members.flatMap((member) => {
    const node = nodeOf(cluster, member);
    return node !== undefined && reachesEtcd(cluster, from, node) ? [node] : [];
  });

/** Whether one of them has a leader, so that reads and writes come through. */
export const isEtcdServing = (cluster: ClusterState, from: NodeState): boolean =>
  membersInReach(cluster, from).some((node) => leaderSeenBy(cluster, node) !== '0');
