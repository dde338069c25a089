import { isAtLeast, type Minor } from './talos-version.ts';

/** Where a COSI resource type lives, since when, and since when only an admin may read it. */
export type ResourceRule = {
  readonly namespace: string;
  /** First line that has it; absent: all that Medic knows. */
  readonly since?: Minor;
  readonly sensitiveSince?: Minor;
};

/** Every type that says something about a node. Source: pkg/machinery/resources of Talos 1.8 to 1.14. */
export const resourceRules = {
  'MachineStatuses.runtime.talos.dev': { namespace: 'runtime' },
  'MachineConfigs.config.talos.dev': { namespace: 'config', sensitiveSince: '1.8' },
  'MachineTypes.config.talos.dev': { namespace: 'config' },
  'ExtensionStatuses.runtime.talos.dev': { namespace: 'runtime' },
  'ImageFactorySchematics.runtime.talos.dev': { namespace: 'runtime', since: '1.14' },
  'ExtensionServiceConfigs.runtime.talos.dev': { namespace: 'runtime', sensitiveSince: '1.12' },
  'ExtensionServiceConfigStatuses.runtime.talos.dev': { namespace: 'runtime' },
  'KernelModuleSpecs.runtime.talos.dev': { namespace: 'runtime' },
  'LoadedKernelModules.runtime.talos.dev': { namespace: 'runtime', since: '1.11' },
  'KernelModuleStatuses.runtime.talos.dev': { namespace: 'runtime', since: '1.14' },
  'KernelParamStatuses.runtime.talos.dev': { namespace: 'runtime' },
  'KernelCmdlines.runtime.talos.dev': { namespace: 'runtime', since: '1.11' },
  'Versions.runtime.talos.dev': { namespace: 'runtime', since: '1.10' },
  'BootedEntries.talos.dev': { namespace: 'runtime', since: '1.11' },
  'BootIDs.runtime.talos.dev': { namespace: 'runtime', since: '1.14' },
  'SecurityStates.talos.dev': { namespace: 'runtime' },
  'PlatformMetadatas.talos.dev': { namespace: 'runtime' },
  'Diagnostics.runtime.talos.dev': { namespace: 'runtime' },
  'MetaKeys.runtime.talos.dev': { namespace: 'runtime' },
  'WatchdogTimerStatuses.runtime.talos.dev': { namespace: 'runtime' },
  'OOMActions.talos.dev': { namespace: 'runtime', since: '1.12', sensitiveSince: '1.12' },
  'UnattendedInstallStatuses.runtime.talos.dev': { namespace: 'runtime', since: '1.14' },
  'MaintenanceServiceConfigs.runtime.talos.dev': { namespace: 'runtime' },
  'APIServiceConfigs.runtime.talos.dev': { namespace: 'runtime', since: '1.13' },
  'ServicePIDs.runtime.talos.dev': { namespace: 'runtime', since: '1.13' },
  'DevicesStatuses.runtime.talos.dev': { namespace: 'runtime' },
  'MountStatuses.runtime.talos.dev': { namespace: 'runtime' },
  'Services.v1alpha1.talos.dev': { namespace: 'runtime' },
  'TimeStatuses.v1alpha1.talos.dev': { namespace: 'runtime' },
  'AdjtimeStatuses.v1alpha1.talos.dev': { namespace: 'runtime' },
  'VolumeStatuses.block.talos.dev': { namespace: 'runtime' },
  'VolumeMountStatuses.block.talos.dev': { namespace: 'runtime', since: '1.10' },
  'MountStatuses.block.talos.dev': { namespace: 'runtime', since: '1.10' },
  'DiscoveredVolumes.block.talos.dev': { namespace: 'runtime' },
  'DiscoveredVolumesStatuses.block.talos.dev': { namespace: 'runtime', since: '1.14' },
  'Disks.block.talos.dev': { namespace: 'runtime' },
  'SystemDisks.block.talos.dev': { namespace: 'runtime' },
  'VolumeConfigs.block.talos.dev': { namespace: 'runtime', sensitiveSince: '1.8' },
  'HostnameStatuses.net.talos.dev': { namespace: 'network' },
  /** Merged; `network-config` has one per source. */
  'HostnameSpecs.net.talos.dev': { namespace: 'network' },
  'NodeAddresses.net.talos.dev': { namespace: 'network' },
  /** Merged: what addresses there should be. */
  'AddressSpecs.net.talos.dev': { namespace: 'network' },
  'AddressStatuses.net.talos.dev': { namespace: 'network' },
  'LinkStatuses.net.talos.dev': { namespace: 'network' },
  'NetworkStatuses.net.talos.dev': { namespace: 'network' },
  'ResolverStatuses.net.talos.dev': { namespace: 'network' },
  'TimeServerStatuses.net.talos.dev': { namespace: 'network' },
  'Members.cluster.talos.dev': { namespace: 'cluster' },
  'Affiliates.cluster.talos.dev': { namespace: 'cluster' },
  'Identities.cluster.talos.dev': { namespace: 'cluster' },
  'Infos.cluster.talos.dev': { namespace: 'cluster' },
  'KubeSpanPeerStatuses.kubespan.talos.dev': { namespace: 'kubespan' },
  'EtcdMembers.etcd.talos.dev': { namespace: 'etcd' },
  'EtcdSpecs.etcd.talos.dev': { namespace: 'etcd' },
  'PKIStatuses.etcd.talos.dev': { namespace: 'etcd' },
  'Nodenames.kubernetes.talos.dev': { namespace: 'k8s' },
  'NodeStatuses.kubernetes.talos.dev': { namespace: 'k8s' },
  'NodeIPs.kubernetes.talos.dev': { namespace: 'k8s' },
  'StaticPodStatuses.kubernetes.talos.dev': { namespace: 'k8s' },
  'KubeletStatuses.kubernetes.talos.dev': { namespace: 'k8s', since: '1.14' },
  'KubeletSpecs.kubernetes.talos.dev': { namespace: 'k8s', sensitiveSince: '1.12' },
  'SiderolinkStatuses.siderolink.talos.dev': { namespace: 'config' },
  'SystemInformations.hardware.talos.dev': { namespace: 'hardware' },
} as const satisfies Readonly<Record<string, ResourceRule>>;
export type ResourceType = keyof typeof resourceRules;

export const isResourceType = (text: string): text is ResourceType => Object.hasOwn(resourceRules, text);
export const resourceRule = (type: ResourceType): ResourceRule => resourceRules[type];

/** Whether a reader gets an answer from a node of this version; versions that are not known answer what all do. */
export function isReadable(type: ResourceType, version: string | undefined): boolean {
  const { since, sensitiveSince } = resourceRule(type);
  if (sensitiveSince !== undefined && (sensitiveSince === '1.8' || isAtLeast(version, sensitiveSince))) return false;
  return since === undefined || isAtLeast(version, since);
}
