import { hostnameSpecs } from './hostname.ts';
import { bootOf } from './record.ts';
import { one, type ResourceSource } from './resource.ts';

const hostnames: ResourceSource = ({ node }) => {
  const { hostname, domainname, layer } = bootOf(node).hostname;
  const sources = hostnameSpecs(node).map((spec) =>
    one('network-config', spec.id, { hostname: spec.hostname, domainname: spec.domainname, layer: spec.layer }),
  );
  return [one('network', 'hostname', { hostname, domainname, layer }), ...sources];
};

const hostnameStatus: ResourceSource = ({ node }) => {
  const { hostname, hostnameRevision } = bootOf(node);
  if (hostname.hostname === '') return [];
  const spec = { hostname: hostname.hostname, domainname: hostname.domainname };
  return [one('network', 'hostname', spec, { version: hostnameRevision })];
};

const links: ResourceSource = ({ node }) => [
  one('network', 'lo', {
    index: 1,
    type: 'loopback',
    linkIndex: 0,
    hardwareAddr: '00:00:00:00:00:00',
    mtu: 65536,
    operationalState: 'unknown',
    kind: '',
  }),
  ...node.physical.hardware.links.map(({ name, mac, driver }, n) =>
    one('network', name, {
      index: n + 2,
      type: 'ether',
      linkIndex: 0,
      flags: 'UP,BROADCAST,RUNNING,MULTICAST,LOWER_UP',
      hardwareAddr: mac,
      permanentAddr: mac,
      broadcastAddr: 'ff:ff:ff:ff:ff:ff',
      mtu: 1500,
      operationalState: n === 0 ? 'up' : 'down',
      kind: '',
      driver,
      linkState: n === 0,
      speedMbit: n === 0 ? 10000 : 0,
    }),
  ),
];

const networkStatus: ResourceSource = ({ node }) => {
  const isReady = bootOf(node).isNetworkReady || bootOf(node).api === 'maintenance';
  const spec = { addressReady: isReady, connectivityReady: isReady, hostnameReady: true, etcFilesReady: true };
  return [one('network', 'status', spec)];
};

export const networkResources: Readonly<Record<string, ResourceSource>> = {
  'HostnameSpecs.net.talos.dev': hostnames,
  'HostnameStatuses.net.talos.dev': hostnameStatus,
  'LinkStatuses.net.talos.dev': links,
  'NetworkStatuses.net.talos.dev': networkStatus,
};
