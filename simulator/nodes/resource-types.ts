import { status } from '@grpc/grpc-js';
import { ADMIN, NOT_AUTHORIZED, type Refusal, refusal } from './access.ts';

type TypeInfo = { readonly since?: number; readonly until?: number; readonly sensitiveSince?: number };
const ALWAYS_SENSITIVE = { sensitiveSince: 0 };

/** Which Talos knows which type, from minor to minor, and since when a reader may not see it. Source: pkg/machinery/resources. */
const TYPES: Readonly<Record<string, TypeInfo>> = {
  'MachineStatuses.runtime.talos.dev': {},
  'MachineConfigs.config.talos.dev': ALWAYS_SENSITIVE,
  'MachineTypes.config.talos.dev': {},
  'ExtensionStatuses.runtime.talos.dev': {},
  'ImageFactorySchematics.runtime.talos.dev': { since: 14 },
  'ExtensionServiceConfigs.runtime.talos.dev': { sensitiveSince: 12 },
  'ExtensionServiceConfigStatuses.runtime.talos.dev': {},
  'KernelModuleSpecs.runtime.talos.dev': {},
  'LoadedKernelModules.runtime.talos.dev': { since: 11 },
  'KernelModuleStatuses.runtime.talos.dev': { since: 14 },
  'KernelParamStatuses.runtime.talos.dev': {},
  'KernelCmdlines.runtime.talos.dev': { since: 11 },
  'Versions.runtime.talos.dev': { since: 10 },
  'BootedEntries.talos.dev': { since: 11 },
  'BootIDs.runtime.talos.dev': { since: 14 },
  'SecurityStates.talos.dev': {},
  'PlatformMetadatas.talos.dev': {},
  'Diagnostics.runtime.talos.dev': {},
  'MetaKeys.runtime.talos.dev': {},
  'WatchdogTimerStatuses.runtime.talos.dev': {},
  'OOMActions.talos.dev': { since: 12, sensitiveSince: 12 },
  'UnattendedInstallStatuses.runtime.talos.dev': { since: 14 },
  'MaintenanceServiceConfigs.runtime.talos.dev': {},
  'APIServiceConfigs.runtime.talos.dev': { since: 13 },
  'ServicePIDs.runtime.talos.dev': { since: 13 },
  'DevicesStatuses.runtime.talos.dev': {},
  'MountStatuses.runtime.talos.dev': {},
  'Services.v1alpha1.talos.dev': {},
  'TimeStatuses.v1alpha1.talos.dev': {},
  'AdjtimeStatuses.v1alpha1.talos.dev': {},
  'VolumeStatuses.block.talos.dev': {},
  'VolumeMountStatuses.block.talos.dev': { since: 10 },
  'MountStatuses.block.talos.dev': { since: 10 },
  'DiscoveredVolumes.block.talos.dev': {},
  'DiscoveredVolumesStatuses.block.talos.dev': { since: 14 },
  'Disks.block.talos.dev': {},
  'SystemDisks.block.talos.dev': {},
  'VolumeConfigs.block.talos.dev': ALWAYS_SENSITIVE,
  'HostnameStatuses.net.talos.dev': {},
  'HostnameSpecs.net.talos.dev': {},
  'NodeAddresses.net.talos.dev': {},
  'AddressSpecs.net.talos.dev': {},
  'AddressStatuses.net.talos.dev': {},
  'LinkStatuses.net.talos.dev': {},
  'LinkSpecs.net.talos.dev': ALWAYS_SENSITIVE,
  'NetworkStatuses.net.talos.dev': {},
  'ResolverStatuses.net.talos.dev': {},
  'TimeServerStatuses.net.talos.dev': {},
  'Members.cluster.talos.dev': {},
  'Affiliates.cluster.talos.dev': {},
  'Identities.cluster.talos.dev': {},
  'Infos.cluster.talos.dev': {},
  'KubeSpanPeerStatuses.kubespan.talos.dev': {},
  'EtcdMembers.etcd.talos.dev': {},
  'EtcdSpecs.etcd.talos.dev': {},
  'PKIStatuses.etcd.talos.dev': {},
  'Nodenames.kubernetes.talos.dev': {},
  'NodeStatuses.kubernetes.talos.dev': {},
  'NodeIPs.kubernetes.talos.dev': {},
  'StaticPodStatuses.kubernetes.talos.dev': {},
  'KubeletStatuses.kubernetes.talos.dev': { since: 14 },
  'KubeletSpecs.kubernetes.talos.dev': { sensitiveSince: 12 },
  'SiderolinkStatuses.siderolink.talos.dev': {},
  'SystemInformations.hardware.talos.dev': {},
};

const NAMESPACES = new Set([
  'runtime',
  'config',
  'network',
  'network-config',
  'cluster',
  'cluster-raw',
  'etcd',
  'kubespan',
  'k8s',
  'controlplane',
  'hardware',
  'secrets',
  'files',
  'perf',
  'meta',
  'extras',
  'v1alpha1',
]);

/** Talos' answer to a read of a resource type, before it looks for it. Source: internal/app/resources/access.go. */
export function checkResource(
  minor: number,
  namespace: string,
  type: string,
  roles: readonly string[],
): Refusal | undefined {
  const isSecret = type.endsWith('.secrets.talos.dev');
  const info = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (!isSecret && (info === undefined || minor < (info.since ?? 0))) {
    return refusal(status.PERMISSION_DENIED, `resource type ${JSON.stringify(type)} is not supported`);
  }
  const isSensitive = isSecret || minor >= (info?.sensitiveSince ?? Number.POSITIVE_INFINITY);
  if (isSensitive && !roles.includes(ADMIN ?? '')) return NOT_AUTHORIZED;
  if (!NAMESPACES.has(namespace)) {
    return refusal(status.PERMISSION_DENIED, `namespace ${JSON.stringify(namespace)} is not supported`);
  }
  return undefined;
}
