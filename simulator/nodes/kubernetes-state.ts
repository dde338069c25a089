import { hasQuorum } from './etcd.ts';
import type { ClusterState, NodeState } from './state.ts';

export const isKubeletHealthy = (node: NodeState): boolean => {
  const kubelet = node.boot?.services['kubelet'];
  const cri = node.boot?.services['cri'];
  return kubelet?.state === 'Running' && kubelet.health.healthy && cri?.state === 'Running' && cri.health.healthy;
};

/** Kubernetes calls a node ready while its kubelet is healthy; without etcd's quorum nobody can say it. */
export const isNodeReady = (cluster: ClusterState, node: NodeState): boolean =>
  isKubeletHealthy(node) && (node.physical.cluster === 'foreign' || hasQuorum(cluster));
