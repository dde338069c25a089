import { activeConfigOf } from './active-config.ts';
import { membersSeenBy } from './discovery.ts';
import { secretFrom } from './identity.ts';
import { kubespanCutOf } from './network.ts';
import { one, type ResourceSource } from './resource.ts';

const PORT = 51_820;
const HANDSHAKE_EVERY_MS = 2 * 60_000;
const BYTES_PER_S = 1_900;

/** WireGuard's view of the others that have KubeSpan too. Source: pkg/machinery/resources/kubespan/peer_status.go. */
const peers: ResourceSource = ({ cluster, node, now }) => {
  if (activeConfigOf(node)?.hasKubeSpan !== true) return [];
  const since = node.boot?.startedAt ?? now;
  return membersSeenBy(cluster, node, now).flatMap((known) => {
    const other = cluster.nodes[known.node];
    if (other === undefined || other === node || other.physical.disk.config === undefined) return [];
    if (other.boot !== undefined && activeConfigOf(other)?.hasKubeSpan !== true) return [];
    const lostAt = other.boot === undefined ? since : kubespanCutOf(cluster, node, other)?.since;
    const spokeAt = Math.max(since, lostAt ?? now - ((now - since) % HANDSHAKE_EVERY_MS));
    const endpoint = `${known.address}:${PORT}`;
    const bytes = Math.round(((spokeAt - since) / 1_000) * BYTES_PER_S);
    const spec = {
      endpoint,
      label: known.nodename,
      state: lostAt === undefined ? 'up' : 'down',
      receiveBytes: bytes,
      transmitBytes: bytes,
      lastHandshakeTime: new Date(spokeAt).toISOString(),
      lastUsedEndpoint: endpoint,
      lastEndpointChange: new Date(since).toISOString(),
    };
    const publicKey = secretFrom(32, cluster.seed, known.nodeId, 'kubespan');
    return [one('kubespan', publicKey, spec, { updatedAt: now, owner: 'kubespan.ManagerController' })];
  });
};

export const kubespanResources: Readonly<Record<string, ResourceSource>> = {
  'KubeSpanPeerStatuses.kubespan.talos.dev': peers,
};
