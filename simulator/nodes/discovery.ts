import { discoveryCutOf } from './network.ts';
import { roleOf } from './physical.ts';
import { bootOf, controller, talos } from './record.ts';
import type { Affiliate, ClusterState, NodeState } from './state.ts';
import { after, type Next, type Noticed } from './step.ts';

/** Source: Talos, discovery TTL. */
const TTL_MS = 30 * 60_000;
const RETRY_MS = 5 * 60_000;
const ENDPOINT = 'discovery.talos.dev:443';

const isPublishing = (node: NodeState): boolean =>
  node.power === 'on' &&
  node.physical.cluster === 'own' &&
  node.boot?.api === 'running' &&
  node.boot.nodename !== undefined &&
  node.physical.disk.nodeId !== undefined;

/** What a node says of itself; undefined before it has a name. */
function affiliateOf(node: NodeState, now: number): Affiliate | undefined {
  const { boot, physical } = node;
  if (!isPublishing(node) || boot === undefined) return undefined;
  const { hostname, domainname } = boot.hostname;
  return {
    nodeId: physical.disk.nodeId ?? '',
    node: node.name,
    hostname: domainname === '' ? hostname : `${hostname}.${domainname}`,
    nodename: boot.nodename ?? hostname,
    address: node.address,
    machineType: roleOf(node.name),
    operatingSystem: `Talos (${physical.version})`,
    seenAt: now,
  };
}

/** A node that is up says who it is; one that is not, or is not heard, stays known until its time is over. */
export function publish(cluster: ClusterState, node: NodeState, now: number): void {
  const own = affiliateOf(node, now);
  if (own === undefined || node.boot === undefined || discoveryCutOf(cluster, node) !== undefined) return;
  for (const [id, known] of Object.entries(cluster.discovery)) {
    const isOlder = known.node === node.name && id !== own.nodeId && known.seenAt < node.boot.startedAt;
    if (isOlder) delete cluster.discovery[id];
  }
  cluster.discovery[own.nodeId] = own;
}

export function leaveDiscovery(cluster: ClusterState, node: NodeState): void {
  for (const [id, known] of Object.entries(cluster.discovery)) {
    if (known.node === node.name) delete cluster.discovery[id];
  }
}

/** Whom a node knows. Without the service: itself, and for half an hour whom it knew before. */
export function membersSeenBy(cluster: ClusterState, node: NodeState, now: number): readonly Affiliate[] {
  for (const one of Object.values(cluster.nodes)) publish(cluster, one, now);
  const cut = discoveryCutOf(cluster, node);
  const isRemembering = cut === undefined || (bootOf(node).startedAt < cut.since && now - cut.since < TTL_MS);
  const own = affiliateOf(node, now);
  const others = Object.values(cluster.discovery).filter(
    (known) => isRemembering && known.nodeId !== own?.nodeId && now - known.seenAt < TTL_MS,
  );
  return [...others, ...(own === undefined ? [] : [own])].sort((a, b) => a.nodename.localeCompare(b.nodename));
}

/** Nodes that have just lost the service: they ask again, and say so. */
export function discoveryNotices(cluster: ClusterState): readonly Noticed[] {
  const noticed: Noticed[] = [];
  for (const node of Object.values(cluster.nodes)) {
    const { boot } = node;
    if (boot === undefined || !isPublishing(node)) continue;
    const isLost = discoveryCutOf(cluster, node) !== undefined;
    if (isLost === (boot.isDiscoveryLost === true)) continue;
    boot.isDiscoveryLost = isLost;
    const isAsking = node.pending.some(({ step }) => step.kind === 'discovery_is_tried');
    noticed.push({ node, next: isLost && !isAsking ? [after(0, { kind: 'discovery_is_tried' })] : [] });
  }
  return noticed;
}

export function discoveryIsTried(cluster: ClusterState, node: NodeState, at: number): Next[] {
  if (discoveryCutOf(cluster, node) === undefined) return [];
  const error =
    'rpc error: code = Unavailable desc = connection error: desc = "transport: authentication handshake failed: context deadline exceeded"';
  talos(node, at, 'hello failed', controller('cluster.DiscoveryServiceController', { error, endpoint: ENDPOINT }));
  return [after(RETRY_MS, { kind: 'discovery_is_tried' })];
}
