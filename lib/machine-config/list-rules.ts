/**
 * Where a strategic merge patch does not append to a list or merge a mapping, and by what entries of a list are known.
 * Source: siderolabs/talos 1.8 to 1.14: `merge:"replace"` tags and Merge methods in pkg/machinery/config/types.
 */
export type MergeRule =
  | { readonly how: 'replace' }
  /** An entry with the same value of the first key that it has is merged into (or replaced), others are appended. */
  | { readonly how: 'by_key'; readonly keys: readonly string[]; readonly entry: 'merge' | 'replace' };

const REPLACE: MergeRule = { how: 'replace' };
const mergedBy = (...keys: readonly string[]): MergeRule => ({ how: 'by_key', keys, entry: 'merge' });

/** `<kind> <path>`; `[]` is any entry of a list. */
const MERGE_RULES: Readonly<Record<string, MergeRule>> = {
  'v1alpha1 cluster.network.podSubnets': REPLACE,
  'v1alpha1 cluster.network.serviceSubnets': REPLACE,
  'v1alpha1 cluster.apiServer.auditPolicy': REPLACE,
  'v1alpha1 cluster.apiServer.admissionControl': mergedBy('name'),
  'v1alpha1 machine.network.interfaces': mergedBy('interface', 'deviceSelector'),
  'v1alpha1 machine.network.interfaces[].vlans': mergedBy('vlanId'),
  'ExtensionServiceConfig configFiles': mergedBy('mountPath'),
  'ImageVerificationConfig rules': { how: 'by_key', keys: ['image'], entry: 'replace' },
  'NetworkRuleConfig ingress': REPLACE,
  'NetworkRuleConfig portSelector.ports': REPLACE,
  'BGPInstanceConfig advertise': REPLACE,
  'BGPInstanceConfig importRoutes': REPLACE,
  'BGPInstanceConfig neighbors': REPLACE,
  'CRIBaseRuntimeSpecConfig overrides': REPLACE,
  'KubeAuditPolicyConfig configuration': REPLACE,
  'KubeAuthenticationConfig configuration': REPLACE,
  'KubeCredentialProviderConfig configuration': REPLACE,
  'KubeNetworkConfig podSubnets': REPLACE,
  'KubeNetworkConfig serviceSubnets': REPLACE,
  'KubeStaticPodConfig pod': REPLACE,
};

/** Entries that are compared with each other wherever they stand in the list. Nothing of this is ever a secret. */
const KNOWN_BY: Readonly<Record<string, string>> = {
  'v1alpha1 machine.disks': 'device',
  'v1alpha1 machine.files': 'path',
  'v1alpha1 machine.install.extensions': 'image',
  'v1alpha1 machine.kernel.modules': 'name',
  'v1alpha1 machine.kubelet.extraMounts': 'destination',
  'v1alpha1 machine.network.extraHostEntries': 'ip',
  'v1alpha1 machine.network.interfaces': 'interface',
  'v1alpha1 machine.network.interfaces[].routes': 'network',
  'v1alpha1 machine.network.interfaces[].vlans': 'vlanId',
  'v1alpha1 machine.seccompProfiles': 'name',
  'v1alpha1 cluster.apiServer.admissionControl': 'name',
  'v1alpha1 cluster.apiServer.extraVolumes': 'mountPath',
  'v1alpha1 cluster.controllerManager.extraVolumes': 'mountPath',
  'v1alpha1 cluster.inlineManifests': 'name',
  'v1alpha1 cluster.scheduler.extraVolumes': 'mountPath',
  'ExtensionServiceConfig configFiles': 'mountPath',
  'ImageVerificationConfig rules': 'image',
  'LinkConfig addresses': 'address',
  'ResolverConfig nameservers': 'address',
};

const ruleKey = (kind: string, path: readonly string[]): string =>
  `${kind} ${path.map((key) => (key.startsWith('[') ? '[]' : key)).join('.')}`.replaceAll('.[]', '[]');

export const mergeRule = (kind: string, path: readonly string[]): MergeRule | undefined =>
  MERGE_RULES[ruleKey(kind, path)];
export const entryKey = (kind: string, path: readonly string[]): string | undefined => KNOWN_BY[ruleKey(kind, path)];
