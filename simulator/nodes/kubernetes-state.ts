import { leaderSeenBy } from './etcd.ts';
import { reachesKubernetes } from './network.ts';
import { roleOf } from './physical.ts';
import type { ClusterState, NodeState } from './state.ts';

export const isKubeletHealthy = (node: NodeState): boolean => {
  const kubelet = node.boot?.services['kubelet'];
  const cri = node.boot?.services['cri'];
  return kubelet?.state === 'Running' && kubelet.health.healthy && cri?.state === 'Running' && cri.health.healthy;
};

/** The API server of a control plane answers while the etcd beside it has a leader. */
const isApiReached = (cluster: ClusterState, from: NodeState): boolean =>
  Object.values(cluster.nodes).some(
    (node) =>
      roleOf(node.name) === 'controlplane' &&
      leaderSeenBy(cluster, node) !== '0' &&
      reachesKubernetes(cluster, from, node),
  );

/** Kubernetes calls a node ready while its kubelet is healthy and says so to an API server. */
export const isNodeReady = (cluster: ClusterState, node: NodeState): boolean =>
  isKubeletHealthy(node) && (node.physical.cluster === 'foreign' || isApiReached(cluster, node));
