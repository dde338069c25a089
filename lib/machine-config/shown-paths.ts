import { matchesPath, type PathPattern, pathPattern } from './path-pattern.ts';

/**
 * Whose values people may see. Everything else is a secret, because nobody can say of an unknown path that it is none.
 * Not here on purpose: kernel arguments and URLs (join tokens), environment, file contents, manifests, annotations,
 * arguments and free-form settings of Kubernetes' programs, registries, logging destinations, WireGuard, all keys.
 */
const SHOWN: readonly { readonly kind: string; readonly because: string; readonly paths: readonly string[] }[] = [
  {
    kind: 'v1alpha1',
    because: 'the form of the document itself',
    paths: ['version', 'debug', 'persist', 'machine.type', 'cluster.clusterName'],
  },
  {
    kind: 'v1alpha1',
    because: 'what is installed where; images are public names and digests',
    paths: [
      'machine.install.image',
      'machine.install.disk',
      'machine.install.diskSelector.*',
      'machine.install.wipe',
      'machine.install.legacyBIOSSupport',
      'machine.install.extensions[].image',
      'machine.kubelet.image',
      'cluster.apiServer.image',
      'cluster.controllerManager.image',
      'cluster.scheduler.image',
      'cluster.proxy.image',
      'cluster.etcd.image',
      'cluster.coreDNS.image',
    ],
  },
  {
    kind: 'v1alpha1',
    because: 'kernel settings that every process of the node can read',
    paths: [
      'machine.kernel.modules[].name',
      'machine.kernel.modules[].parameters[]',
      'machine.sysctls.*',
      'machine.sysfs.*',
    ],
  },
  {
    kind: 'v1alpha1',
    because: 'names and addresses that the network itself shows',
    paths: [
      'machine.certSANs[]',
      'machine.network.hostname',
      'machine.network.nameservers[]',
      'machine.network.searchDomains[]',
      'machine.network.disableSearchDomain',
      'machine.network.kubespan.enabled',
      'machine.network.interfaces[].interface',
      'machine.network.interfaces[].deviceSelector.*',
      'machine.network.interfaces[].addresses[]',
      'machine.network.interfaces[].dhcp',
      'machine.network.interfaces[].dummy',
      'machine.network.interfaces[].ignore',
      'machine.network.interfaces[].mtu',
      'machine.network.interfaces[].routes[].*',
      'machine.network.interfaces[].vip.ip',
      'machine.network.interfaces[].vlans[].vlanId',
      'machine.network.interfaces[].vlans[].addresses[]',
      'machine.network.interfaces[].vlans[].dhcp',
      'machine.network.interfaces[].vlans[].mtu',
      'machine.network.extraHostEntries[].ip',
      'machine.network.extraHostEntries[].aliases[]',
      'machine.kubelet.nodeIP.validSubnets[]',
      'machine.time.disabled',
      'machine.time.servers[]',
      'machine.time.bootTimeout',
      'cluster.controlPlane.endpoint',
      'cluster.controlPlane.localAPIServerPort',
      'cluster.apiServer.certSANs[]',
      'cluster.etcd.advertisedSubnets[]',
      'cluster.etcd.listenSubnets[]',
      'cluster.etcd.subnet',
      'cluster.network.dnsDomain',
      'cluster.network.podSubnets[]',
      'cluster.network.serviceSubnets[]',
      'cluster.network.cni.name',
    ],
  },
  {
    kind: 'v1alpha1',
    because: 'labels and taints, which everybody in the cluster reads',
    paths: ['machine.nodeLabels.*', 'machine.nodeTaints.*'],
  },
  {
    kind: 'v1alpha1',
    because: 'switches: what is on and what is off',
    paths: [
      'machine.features.**',
      'machine.kubelet.defaultRuntimeSeccompProfileEnabled',
      'machine.kubelet.disableManifestsDirectory',
      'machine.kubelet.registerWithFQDN',
      'machine.kubelet.skipNodeRegistration',
      'cluster.allowSchedulingOnControlPlanes',
      'cluster.apiServer.disablePodSecurityPolicy',
      'cluster.coreDNS.disabled',
      'cluster.discovery.enabled',
      'cluster.discovery.registries.*.disabled',
      'cluster.externalCloudProvider.enabled',
      'cluster.proxy.disabled',
      'cluster.proxy.mode',
    ],
  },
  {
    kind: 'v1alpha1',
    because: 'disks and mount points, without the keys of their encryption',
    paths: [
      'machine.disks[].device',
      'machine.disks[].partitions[].mountpoint',
      'machine.disks[].partitions[].size',
      'machine.files[].path',
      'machine.files[].op',
      'machine.files[].permissions',
      'machine.systemDiskEncryption.*.provider',
    ],
  },
  { kind: '*', because: 'what a document is', paths: ['apiVersion', 'kind', 'name'] },
  { kind: 'ExtensionServiceConfig', because: 'where a file appears', paths: ['configFiles[].mountPath'] },
  { kind: 'HostnameConfig', because: 'the name of the node', paths: ['hostname', 'auto'] },
  { kind: 'KernelModuleConfig', because: 'kernel settings', paths: ['parameters[]'] },
  { kind: 'KubeNodeConfig', because: 'labels and taints', paths: ['labels.*', 'taints.*'] },
  { kind: 'LinkConfig', because: 'addresses', paths: ['addresses[].address', 'up', 'mtu', 'routes[].*'] },
  { kind: 'ResolverConfig', because: 'addresses of name servers', paths: ['nameservers[].address'] },
  { kind: 'SysctlConfig', because: 'kernel settings', paths: ['sysctls.*'] },
  { kind: 'TimeSyncConfig', because: 'time servers', paths: ['enabled', 'bootTimeout', 'ntp.servers[]'] },
  {
    kind: 'VolumeConfig',
    because: 'sizes and places of volumes, without the keys of their encryption',
    paths: ['provisioning.grow', 'provisioning.maxSize', 'provisioning.minSize', 'encryption.provider'],
  },
  { kind: 'WatchdogTimerConfig', because: 'a device and a time', paths: ['device', 'timeout'] },
];

/** Never, whatever the list says: keys by which somebody hid a secret where none belongs (`net.ipv4.tcp_fastopen_key`). */
const NEVER = /key|secret|token|passw|credential|auth/i;

const patterns: readonly { readonly kind: string; readonly pattern: PathPattern }[] = SHOWN.flatMap(({ kind, paths }) =>
  paths.map((path) => ({ kind, pattern: pathPattern(path) })),
);

/** Whether the values at this path may leave the function that read the config. */
export function isShownPath(kind: string, keys: readonly string[]): boolean {
  if (NEVER.test(keys.at(-1) ?? '')) return false;
  return patterns.some(
    (one) => (one.kind === '*' ? kind !== 'v1alpha1' : one.kind === kind) && matchesPath(one.pattern, keys),
  );
}
