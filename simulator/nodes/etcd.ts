import { etcdIdFrom } from './identity.ts';
import { bootOf, service } from './record.ts';
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

const MIB = 1024 ** 2;
export const dbBytesOf = ({ dbBytes = 48 * MIB }: EtcdMember): number => dbBytes;
export const inUseBytesOf = ({ inUseBytes = 31 * MIB }: EtcdMember): number => inUseBytes;

/** The node takes itself out before it is wiped; the last one cannot. The text where it fails. */
export function leaveEtcd(cluster: ClusterState, node: NodeState, at: number): string | undefined {
  const { etcd } = cluster;
  const own = memberOf(cluster, node);
  if (own === undefined || !isEtcdHealthy(node)) return undefined; // nothing to leave
  if (etcd.members.length === 1)
    return 'failed to leave cluster: etcdserver: re-configuration failed due to not enough started members';
  if (!hasQuorum(cluster)) return 'failed to leave cluster: etcdserver: no leader';
  etcd.members = etcd.members.filter(({ id }) => id !== own.id);
  service(node, at, 'etcd', 'Finished', 'Service finished successfully');
  electLeader(cluster);
  return undefined;
}

/** etcd takes the hostname of this moment, keeps it while it runs, and tells the others once it is up. A member of the same name without data is replaced. */
export function startEtcd(cluster: ClusterState, node: NodeState): void {
  const boot = bootOf(node);
  boot.etcdName = boot.hostname.hostname;
  if (node.physical.cluster !== 'own') return;
  const { disk } = node.physical;
  const known = memberOf(cluster, node);
  if (known && disk.hasEtcdData !== false) {
    known.name = boot.etcdName;
    return;
  }
  cluster.etcd.members = cluster.etcd.members.filter((member) => member !== known);
  const isFirst = disk.hasEtcdData !== false;
  disk.hasEtcdData = true;
  const id = etcdIdFrom(cluster.seed, node.name, isFirst ? (disk.nodeId ?? boot.id) : boot.id);
  cluster.etcd.members.push({ id, node: node.name, name: boot.etcdName, isLearner: false });
}
