import { activeConfigOf } from './active-config.ts';
import { servicePid } from './processes.ts';
import { bootOf } from './record.ts';
import { one, type ResourceSource } from './resource.ts';
import type { NodeState } from './state.ts';
import { minorOf } from './version.ts';

/**
 * How the machine booted and what it keeps beside its config. These machines boot with GRUB, so there is no
 * BootedEntry, and none of them has a watchdog timer, a SideroLink or an unattended install.
 */

/** Go leaves out what is false or empty. Source: pkg/machinery/resources/runtime/security_status.go. */
const securityState: ResourceSource = ({ node }) => {
  const selinux = minorOf(node.physical.version) >= 10 ? { selinuxState: 'enabled, permissive' } : {};
  return [one('runtime', 'securitystate', { secureBoot: false, ...selinux })];
};

/** What a machine of bare metal was given to find its network. */
function metalNetwork(node: NodeState): string {
  const link = node.physical.hardware.links[0]?.name ?? 'eth0';
  return `operators:
    - operator: dhcp4
      linkName: ${link}
      requireUp: true
      dhcp4:
        routeMetric: 1024
      layer: platform
`;
}

/** Two digits in hex. `0x06` is there from an upgrade until the node was running and ready. */
const metaKeys: ResourceSource = ({ node }) => {
  if (bootOf(node).volumes['META']?.phase !== 'ready') return [];
  const network = node.physical.platform === 'metal' ? { '0x0a': metalNetwork(node) } : {};
  return Object.entries({ ...network, ...node.physical.metaKeys })
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, value]) => one('runtime', id, { value }, { owner: 'runtime.MetaController' }));
};

/** Talos looks for them once it has a config. */
const diagnostics: ResourceSource = ({ node }) =>
  (bootOf(node).activeConfig === undefined ? [] : (node.physical.diagnostics ?? [])).map(
    ({ id, message, details = [] }) =>
      one('runtime', id, { message, details }, { owner: 'runtime.DiagnosticsController' }),
  );

const extensionServices: ResourceSource = ({ node }) =>
  (activeConfigOf(node)?.extensionServices ?? []).map((name) => one('runtime', name, { specVersion: '1' }));

const servicePids: ResourceSource = ({ node }) =>
  Object.keys(bootOf(node).services).flatMap((id) => {
    const pid = servicePid(node, id);
    return pid === undefined ? [] : [one('runtime', id, { pid, mountNamespace: `mnt:[${4_026_531_840 + pid}]` })];
  });

export const bootResources: Readonly<Record<string, ResourceSource>> = {
  'SecurityStates.talos.dev': securityState,
  'MetaKeys.runtime.talos.dev': metaKeys,
  'Diagnostics.runtime.talos.dev': diagnostics,
  'ExtensionServiceConfigStatuses.runtime.talos.dev': extensionServices,
  'ServicePIDs.runtime.talos.dev': servicePids,
};
