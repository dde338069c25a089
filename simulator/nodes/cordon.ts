import { isEtcdServing } from './etcd.ts';
import { bootOf } from './record.ts';
import type { ClusterState, NodeState, Stage } from './state.ts';

/**
 * Talos' own mark on the Node object, which outlives boots: set while the machine shuts down, is upgraded or reset, and
 * taken away while it boots or runs. Without the Kubernetes API it stays as it is. Source: k8s/node_apply.go.
 */
const CORDONING: ReadonlySet<Stage> = new Set(['shutting down', 'upgrading', 'resetting']);
const UNCORDONING: ReadonlySet<Stage> = new Set(['booting', 'running']);

export function marksItsNode(cluster: ClusterState, node: NodeState): void {
  const { stage, nodename } = bootOf(node);
  if (nodename === undefined || !isEtcdServing(cluster, node)) return;
  if (CORDONING.has(stage)) node.isCordoned = true;
  if (UNCORDONING.has(stage)) delete node.isCordoned;
}
