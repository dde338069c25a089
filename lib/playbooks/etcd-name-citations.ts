import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { shortName } from '../inventory/host-name.ts';
import { cite, present, quote } from './cite.ts';
import type { EtcdName } from './etcd-name.ts';
import type { Citation } from './finding.ts';
import type { HostnameOrder } from './hostname-log.ts';

type Layer = { readonly id: string; readonly layer: string; readonly hostname: string };

/** Later ones win. Source: siderolabs/talos, pkg/machinery/resources/network/configlayer.go. */
const LAYERS = ['default', 'cmdline', 'platform', 'operator', 'configuration'] as const;

/** Who sets the name that the node has now. */
export function hostnameLayer({ readings }: Evidence, name: string): Layer | undefined {
  const specs = readValue(readings.hostnameSpecs) ?? [];
  const winner = LAYERS.toReversed()
    .map((layer) => specs.find((spec) => spec.layer === layer && spec.hostname !== ''))
    .find((spec) => spec !== undefined);
  return winner && shortName(winner.hostname) === shortName(name) ? winner : undefined;
}

export function etcdNameCitations(
  evidence: Evidence,
  { etcd, node, member, provenBy, spec }: EtcdName,
  log: HostnameOrder,
): readonly Citation[] {
  const layer = hostnameLayer(evidence, node);
  const own = readValue(evidence.readings.etcdMembers) === undefined ? 'peers' : 'etcdMembers';
  return present([
    member && cite(own, `etcd lists member ${hexId(member.id)}, this node's by ${provenBy}, as ${etcd}.`),
    cite('hostname', `The node is called ${node} now${layer ? `, set by layer ${layer.layer} (${layer.id})` : ''}.`),
    spec === undefined ? undefined : cite('etcdSpec', `etcd was started under the name ${spec}.`),
    log.order === 'late'
      ? cite('kernelLog', `etcd started at ${log.etcd.at}, the hostname was set at ${log.hostname.at}.`)
      : undefined,
    log.order === 'early'
      ? cite('kernelLog', 'The hostname was set before etcd started, which speaks against it.')
      : undefined,
    layer && cite('hostnameSpecs', `${layer.id} says ${quote(layer.hostname)}.`),
  ]);
}

/** As talosctl shows it. */
const hexId = (id: string): string => (/^\d{1,20}$/.test(id) ? BigInt(id).toString(16).padStart(16, '0') : quote(id));
