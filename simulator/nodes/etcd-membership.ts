import { hasQuorum, isEtcdHealthy } from './etcd.ts';
import type { ClusterState } from './state.ts';

/** Why etcd refuses to remove a member, undefined when it does not. Source: etcd, server.go, mayRemoveMember. */
export function removalProblem(cluster: ClusterState, id: string): string | undefined {
  const { members } = cluster.etcd;
  const member = members.find((known) => known.id === id);
  if (!hasQuorum(cluster)) return 'etcdserver: no leader';
  if (member === undefined) return 'etcdserver: member not found';
  if (member.isLearner) return undefined;
  const voters = members.filter(({ isLearner }) => !isLearner);
  const others = voters.filter((known) => known.id !== id);
  const started = others.filter(({ name }) => name !== '').length;
  if (others.length !== 1 && started < Math.floor(others.length / 2) + 1) {
    return 'etcdserver: re-configuration failed due to not enough started members';
  }
  if (!isEtcdHealthy(cluster.nodes[member.node])) return undefined;
  const active = voters.filter((known) => isEtcdHealthy(cluster.nodes[known.node])).length;
  const isEnough = active - 1 >= 1 + Math.floor((voters.length - 1) / 2);
  return isEnough ? undefined : 'etcdserver: unhealthy cluster';
}

/** Its alarms go with it. */
export function removeMember(cluster: ClusterState, id: string): void {
  const { etcd } = cluster;
  etcd.members = etcd.members.filter((known) => known.id !== id);
  etcd.alarms = (etcd.alarms ?? []).filter(({ memberId }) => memberId !== id);
}
