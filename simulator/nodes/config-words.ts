import { keptByMinor } from './kept.ts';

/**
 * What a machine config may say, from minor to minor: `@9` marks what came with 1.9, everything else is older than 1.8.
 * Source: yaml tags in pkg/machinery/config/types/v1alpha1/v1alpha1_types.go, kinds in pkg/machinery/config/types.
 */

/** Keys of the v1alpha1 document by the path of their parent. What is below a path that is not named is not looked at. */
const KEYS: Readonly<Record<string, string>> = {
  '': 'cluster debug machine persist version',
  cluster:
    'acceptedCAs adminKubeconfig aescbcEncryptionSecret aggregatorCA allowSchedulingOnControlPlanes allowSchedulingOnMasters apiServer ca clusterName controlPlane controllerManager coreDNS discovery etcd externalCloudProvider extraManifestHeaders extraManifests id inlineManifests network proxy scheduler secret secretboxEncryptionSecret serviceAccount token',
  'cluster.apiServer':
    'admissionControl auditPolicy authorizationConfig@9 certSANs disablePodSecurityPolicy env extraArgs extraVolumes image resources',
  'cluster.controlPlane': 'endpoint localAPIServerPort',
  'cluster.controllerManager': 'env extraArgs extraVolumes image resources',
  'cluster.coreDNS': 'disabled image',
  'cluster.discovery': 'enabled registries',
  'cluster.etcd': 'advertisedSubnets ca extraArgs image listenSubnets subnet',
  'cluster.externalCloudProvider': 'enabled manifests',
  'cluster.network': 'cni dnsDomain podSubnets serviceSubnets',
  'cluster.network.cni': 'flannel name urls',
  'cluster.network.cni.flannel': 'extraArgs kubeNetworkPoliciesEnabled@13',
  'cluster.proxy': 'disabled extraArgs image mode',
  'cluster.scheduler': 'config env extraArgs extraVolumes image resources',
  machine:
    'acceptedCAs baseRuntimeSpecOverrides@9 ca certSANs controlPlane disks env features files install kernel kubelet logging network nodeAnnotations nodeLabels nodeTaints pods registries seccompProfiles sysctls sysfs systemDiskEncryption time token type udev',
  'machine.controlPlane': 'controllerManager scheduler',
  'machine.features':
    'apidCheckExtKeyUsage diskQuotaSupport hostDNS imageCache@9 kubePrism kubernetesTalosAPIAccess nodeAddressSortAlgorithm@9 rbac stableHostname',
  'machine.features.hostDNS': 'enabled forwardKubeDNSToHost resolveMemberNames',
  'machine.features.imageCache': 'localEnabled',
  'machine.features.kubePrism': 'enabled port',
  'machine.features.kubernetesTalosAPIAccess': 'allowedKubernetesNamespaces allowedRoles enabled',
  'machine.install':
    'bootloader disk diskSelector extensions extraKernelArgs grubUseUKICmdline@12 image legacyBIOSSupport wipe',
  'machine.kernel': 'modules',
  'machine.kubelet':
    'clusterDNS credentialProviderConfig defaultRuntimeSeccompProfileEnabled disableManifestsDirectory extraArgs extraConfig extraMounts image nodeIP registerWithFQDN skipNodeRegistration',
  'machine.logging': 'destinations',
  'machine.network': 'disableSearchDomain extraHostEntries hostname interfaces kubespan nameservers searchDomains@9',
  'machine.network.kubespan':
    'advertiseKubernetesNetworks allowDownPeerBypass enabled filters harvestExtraEndpoints mtu',
  'machine.network.kubespan.filters': 'endpoints excludeAdvertisedNetworks@12',
  'machine.registries': 'config mirrors',
  'machine.systemDiskEncryption': 'ephemeral state',
  'machine.time': 'bootTimeout disabled servers',
  'machine.udev': 'rules',
};

/** Keys of the documents that other parts of the simulator read, beside `apiVersion` and `kind`. */
const DOCUMENT_KEYS: Readonly<Record<string, string>> = {
  ExtensionServiceConfig: 'name configFiles environment',
  HostnameConfig: 'auto hostname',
  KernelModuleConfig: 'name parameters',
  KmsgLogConfig: 'name url',
  ResolverConfig: 'nameservers searchDomains hostDNS@14',
  TimeSyncConfig: 'enabled bootTimeout ntp ptp',
};

const KINDS: Readonly<Record<number, string>> = {
  8: 'EventSinkConfig ExtensionServiceConfig KmsgLogConfig KubeSpanEndpointsConfig NetworkDefaultActionConfig NetworkRuleConfig SideroLinkConfig TrustedRootsConfig VolumeConfig WatchdogTimerConfig',
  10: 'EthernetConfig PCIDriverRebindConfig UserVolumeConfig',
  11: 'ExistingVolumeConfig RawVolumeConfig SwapVolumeConfig ZswapConfig',
  12: 'BondConfig BridgeConfig DHCPv4Config DHCPv6Config DummyLinkConfig HCloudVIPConfig HostnameConfig Layer2VIPConfig LinkAliasConfig LinkConfig OOMConfig RegistryAuthConfig RegistryMirrorConfig RegistryTLSConfig ResolverConfig StaticHostConfig TimeSyncConfig VLANConfig WireguardConfig',
  13: 'BlackholeRouteConfig EnvironmentConfig ExternalVolumeConfig ImageVerificationConfig KubeSpanConfig RoutingRuleConfig TCPProbeConfig VRFConfig',
  14: 'BGPInstanceConfig CRIBaseRuntimeSpecConfig CRICustomizationConfig ContainerConfig DiscoveryIdentityConfig DiscoveryServiceConfig EtcFileConfig FilesystemScrubConfig FilesystemTrimConfig HTTPProbeConfig ImageCacheConfig KernelModuleConfig KubeAPIServerCAConfig KubeAPIServerConfig KubeAdmissionControlConfig KubeAggregatorCAConfig KubeAuditPolicyConfig KubeAuthenticationConfig KubeAuthorizerConfig KubeClusterConfig KubeControllerManagerConfig KubeCoreDNSConfig KubeCredentialProviderConfig KubeEtcdEncryptionConfig KubeExternalManifestConfig KubeFlannelCNIConfig KubeInlineManifestConfig KubeNetworkConfig KubeNodeConfig KubePrismConfig KubeProxyConfig KubeSchedulerConfig KubeServiceAccountConfig KubeStaticPodConfig KubeTalosAPIAccessConfig KubeletConfig LVMLogicalVolumeConfig LVMVolumeGroupConfig RAIDArrayConfig SecurityProfileConfig SysctlConfig SysfsConfig UdevRulesConfig UnattendedInstallConfig VethConfig',
};

const known = keptByMinor((words, minor): ReadonlySet<string> => {
  const since = (word: string) => Number(word.split('@')[1] ?? 8);
  return new Set(
    words
      .split(' ')
      .filter((word) => since(word) <= minor)
      .map((word) => word.replace(/@\d+$/, '')),
  );
});

/** Undefined where nobody looks. */
export function keysAt(path: string, minor: number): ReadonlySet<string> | undefined {
  const words = KEYS[path];
  return words === undefined ? undefined : known(words, minor);
}

export function keysOfDocument(kind: string, minor: number): ReadonlySet<string> | undefined {
  const words = DOCUMENT_KEYS[kind];
  return words === undefined ? undefined : known(`apiVersion kind ${words}`, minor);
}

const SINCE = new Map(
  Object.entries(KINDS).flatMap(([since, kinds]) => kinds.split(' ').map((kind) => [kind, Number(since)] as const)),
);
export const isKind = (kind: string, minor: number): boolean => (SINCE.get(kind) ?? Number.POSITIVE_INFINITY) <= minor;
