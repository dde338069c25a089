import { generatedHostname } from './identity.ts';
import { readMachineConfig } from './read-machine-config.ts';
import { bootOf, controller, event, talos } from './record.ts';
import type { NodeState } from './state.ts';

export type HostnameSpec = { id: string; layer: string; hostname: string; domainname: string };

const split = (fqdn: string) => {
  const [hostname = '', ...rest] = fqdn.split('.');
  return { hostname, domainname: rest.join('.') };
};

/** Who wants which name, lowest layer first: default < platform < configuration. Source: pkg/machinery/resources/network/configlayer.go. */
export function hostnameSpecs(node: NodeState): readonly HostnameSpec[] {
  const boot = bootOf(node);
  const { disk, metadata, hardware } = node.physical;
  const isKnown = boot.activeConfig !== undefined && disk.nodeId !== undefined;
  const identity = isKnown ? disk.nodeId : hardware.uuid;
  const specs = [
    { id: 'default/hostname', layer: 'default', hostname: generatedHostname(identity ?? ''), domainname: '' },
  ];
  if (boot.hasMetadata && metadata !== undefined) {
    specs.push({ id: 'platform/hostname', layer: 'platform', ...split(metadata.hostname) });
  }
  const config = boot.activeConfig === undefined ? undefined : readMachineConfig(boot.activeConfig);
  if (config && 'config' in config && config.config.hostname !== undefined) {
    specs.push({ id: 'configuration/hostname', layer: 'configuration', ...split(config.config.hostname) });
  }
  return specs;
}

/** Takes the name of the highest layer, and says so when it is another one. */
export function updateHostname(node: NodeState, at: number): boolean {
  const boot = bootOf(node);
  const wanted = hostnameSpecs(node).at(-1);
  if (wanted === undefined) return false;
  const { hostname, domainname, layer } = wanted;
  const isSame = boot.hostname.hostname === hostname && boot.hostname.domainname === domainname;
  boot.hostname = { hostname, domainname, layer };
  if (isSame) return false;
  boot.hostnameRevision += 1;
  talos(node, at, 'setting hostname', controller('network.HostnameSpecController', { hostname, domainname }));
  event(node, at, { type: 'AddressEvent', message: { hostname, addresses: [node.address] } });
  return true;
}
