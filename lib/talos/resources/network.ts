import * as z from 'zod';
import { Flag, resourceKind, Text } from '../cosi.ts';

export const HOSTNAME_ID = 'hostname';
export const hostnameStatus = resourceKind(
  'HostnameStatuses.net.talos.dev',
  z.object({ hostname: Text, domainname: Text }),
  (spec) => spec,
);

/** One per source. A layer that we do not know makes the list unreadable. */
export const hostnameSpec = resourceKind(
  'HostnameSpecs.net.talos.dev',
  z.object({
    hostname: Text,
    domainname: Text,
    layer: z.enum(['default', 'cmdline', 'platform', 'operator', 'configuration']),
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
