import { roleOf } from './physical.ts';
import type { Affiliate, ClusterState, NodeState } from './state.ts';

/** Source: Talos, discovery TTL. */
const TTL_MS = 30 * 60_000;

const isPublishing = (node: NodeState): boolean =>
  node.power === 'on' &&
  node.physical.cluster === 'own' &&
  node.boot?.api === 'running' &&
  node.boot.nodename !== undefined &&
  node.physical.disk.nodeId !== undefined;

/** A node that is up says who it is; one that is not stays known until its time is over. */
export function publish(cluster: ClusterState, node: NodeState, now: number): void {
  const { boot, physical } = node;
  if (!isPublishing(node) || boot === undefined) return;
  const nodeId = physical.disk.nodeId ?? '';
  for (const [id, known] of Object.entries(cluster.discovery)) {
    if (known.node === node.name && id !== nodeId && known.seenAt < boot.startedAt) delete cluster.discovery[id];
  }
  const { hostname, domainname } = boot.hostname;
  cluster.discovery[nodeId] = {
    nodeId,
    node: node.name,
    hostname: domainname === '' ? hostname : `${hostname}.${domainname}`,
    nodename: boot.nodename ?? hostname,
    address: node.address,
    machineType: roleOf(node.name),
    operatingSystem: `Talos (${physical.version})`,
    seenAt: now,
  };
}

export function leaveDiscovery(cluster: ClusterState, node: NodeState): void {
  for (const [id, known] of Object.entries(cluster.discovery)) {
    if (known.node === node.name) delete cluster.discovery[id];
  }
}

export function membersNow(cluster: ClusterState, now: number): readonly Affiliate[] {
  for (const node of Object.values(cluster.nodes)) publish(cluster, node, now);
  return Object.values(cluster.discovery)
    .filter((known) => now - known.seenAt < TTL_MS)
    .sort((a, b) => a.nodename.localeCompare(b.nodename));
}
