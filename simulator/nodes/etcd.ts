import type { ClusterState, EtcdMember, NodeState } from './state.ts';

export const isEtcdHealthy = (node: NodeState | undefined): boolean => {
  const etcd = node?.boot?.services['etcd'];
  return node?.power === 'on' && etcd?.state === 'Running' && etcd.health.healthy;
};

export const memberOf = (cluster: ClusterState, node: NodeState): EtcdMember | undefined =>
  node.physical.cluster === 'own' ? cluster.etcd.members.find((member) => member.node === node.name) : undefined;

const voters = (cluster: ClusterState) => cluster.etcd.members.filter((member) => !member.isLearner);

export function hasQuorum(cluster: ClusterState): boolean {
  const all = voters(cluster);
  const healthy = all.filter((member) => isEtcdHealthy(cluster.nodes[member.node]));
  return healthy.length >= Math.floor(all.length / 2) + 1;
}

/** A leader that is gone is replaced by the first healthy voter, in a new term; without quorum there is none. */
export function electLeader(cluster: ClusterState): void {
  const { etcd } = cluster;
  const isLeading = etcd.members.some(
    (member) => member.id === etcd.leader && isEtcdHealthy(cluster.nodes[member.node]),
  );
  if (!hasQuorum(cluster)) {
    etcd.leader = '0';
  } else if (!isLeading) {
    etcd.leader = voters(cluster).find((member) => isEtcdHealthy(cluster.nodes[member.node]))?.id ?? '0';
    etcd.term += 1;
  }
}
