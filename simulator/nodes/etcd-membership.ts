import { activeVoters, isEtcdServing, isMemberUp } from './etcd.ts';
import type { ClusterState, NodeState } from './state.ts';

/** Why etcd refuses to let `from` remove a member, undefined when it does not. Source: etcd, server.go, mayRemoveMember. */
export function removalProblem(cluster: ClusterState, id: string, from: NodeState): string | undefined {
  const { members, leader } = cluster.etcd;
  const member = members.find((known) => known.id === id);
  if (!isEtcdServing(cluster, from)) return 'etcdserver: no leader';
  if (member === undefined) return 'etcdserver: member not found';
  if (member.isLearner) return undefined;
  const voters = members.filter(({ isLearner }) => !isLearner);
  const others = voters.filter((known) => known.id !== id);
  const started = others.filter(({ name }) => name !== '').length;
  if (others.length !== 1 && started < Math.floor(others.length / 2) + 1) {
    return 'etcdserver: re-configuration failed due to not enough started members';
  }
  const leading = members.find((known) => known.id === leader);
  const inTouch = leading === undefined ? [] : activeVoters(cluster, leading);
  if (!isMemberUp(cluster, member) || !inTouch.includes(member)) return undefined;
  const active = inTouch.length;
  const isEnough = active - 1 >= 1 + Math.floor((voters.length - 1) / 2);
  return isEnough ? undefined : 'etcdserver: unhealthy cluster';
}

/** Its alarms go with it. */
export function removeMember(cluster: ClusterState, id: string): void {
  const { etcd } = cluster;
  etcd.members = etcd.members.filter((known) => known.id !== id);
  etcd.alarms = (etcd.alarms ?? []).filter(({ memberId }) => memberId !== id);
}
