import * as z from 'zod';
import { Flag, list, resourceKind, Text } from '../cosi.ts';

export const HOSTNAME_ID = 'hostname';
export const hostnameStatus = resourceKind(
  'HostnameStatuses.net.talos.dev',
  z.object({ hostname: Text, domainname: Text }),
  (spec) => spec,
);

/** Who wants something of the network, later ones winning. One that we do not know makes the list unreadable. */
const Layer = z.enum(['default', 'cmdline', 'platform', 'operator', 'configuration']);

/** One per source. */
export const hostnameSpec = resourceKind(
  'HostnameSpecs.net.talos.dev',
  z.object({
    hostname: Text,
    domainname: Text,
    layer: Layer,
  }),
  ({ hostname, domainname, layer }, id) => ({ id, layer, hostname, domainname }),
  'network-config',
);

export const linkStatus = resourceKind(
  'LinkStatuses.net.talos.dev',
  z.object({ kind: Text, hardwareAddr: Text, permanentAddr: Text, linkState: Flag }),
  ({ kind, hardwareAddr, permanentAddr, linkState }, id) => ({
    id,
    kind,
    hardwareAddr: hardwareAddr.toLowerCase(),
    permanentAddr: permanentAddr.toLowerCase(),
    isUp: linkState,
  }),
);

export const NETWORK_STATUS_ID = 'status';
export const networkStatus = resourceKind(
  'NetworkStatuses.net.talos.dev',
  z.object({ addressReady: Flag, connectivityReady: Flag, hostnameReady: Flag, etcFilesReady: Flag }),
  (spec) => spec,
);

export const CURRENT_ADDRESSES_ID = 'current';
/** Addresses with their prefix lengths, `10.0.0.5/24`. */
export const nodeAddress = resourceKind(
  'NodeAddresses.net.talos.dev',
  z.object({ addresses: list(Text) }),
  (spec) => spec.addresses,
);

/** Addresses that links should have, whether those links are there or not. DHCP is the layer `operator`. */
export const addressSpec = resourceKind(
  'AddressSpecs.net.talos.dev',
  z.object({ address: Text, linkName: Text, layer: Layer }),
  ({ address, linkName, layer }) => ({ address, link: linkName, layer }),
);

export const RESOLVERS_ID = 'resolvers';
export const resolverStatus = resourceKind(
  'ResolverStatuses.net.talos.dev',
  z.object({ dnsServers: list(Text) }),
  (spec) => spec.dnsServers,
);

export const TIME_SERVERS_ID = 'timeservers';
export const timeServerStatus = resourceKind(
  'TimeServerStatuses.net.talos.dev',
  z.object({ timeServers: list(Text) }),
  (spec) => spec.timeServers,
);
