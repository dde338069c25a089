import { isAtLeast, type Minor } from '../versions/talos-version.ts';
import { type ConfigChange, diffConfigs } from './diff-configs.ts';
import { type ConfigDocument, isMain, MAIN, type MachineConfig } from './machine-config.ts';
import { matchesPath, type PathPattern, pathPattern } from './path-pattern.ts';

/**
 * When a change takes effect on a running node, from the mildest to the worst:
 * `now`; `reboot`; `upgrade`: only an installation or an upgrade reads it; `wipe`: only a volume that is made anew has
 * it, and a node whose volumes exist may not boot with it; `never`: the cluster was built on it (keys, role, subnets).
 */
export type Effect = 'now' | 'reboot' | 'upgrade' | 'wipe' | 'never';

export type ConfigAssessment = {
  readonly changes: readonly ConfigChange[];
  /** `no_reboot`: Talos takes it so. `reboot`: up to 1.13 it refuses mode `no_reboot`, and `auto` reboots. */
  readonly mode: 'no_reboot' | 'reboot';
  readonly effects: readonly { readonly effect: Effect; readonly paths: readonly string[] }[];
};

type Row = {
  readonly effect: Effect;
  readonly kind: string;
  readonly paths: readonly string[];
  readonly only?: ConfigChange['kind'];
  readonly since?: Minor;
};

/** The first row that names a path counts. Source: Talos' reference of the machine config, and what happens at a boot. */
const ROWS: readonly Row[] = [
  {
    effect: 'never',
    kind: MAIN,
    paths: [
      'machine.type',
      'machine.ca.**',
      'cluster.id',
      'cluster.secret',
      'cluster.ca.**',
      'cluster.aggregatorCA.**',
      'cluster.etcd.ca.**',
      'cluster.serviceAccount.**',
      'cluster.aescbcEncryptionSecret',
      'cluster.secretboxEncryptionSecret',
      'cluster.network.podSubnets.**',
      'cluster.network.serviceSubnets.**',
      'cluster.network.dnsDomain',
    ],
  },
  { effect: 'wipe', kind: MAIN, paths: ['machine.systemDiskEncryption.**', 'machine.disks.**'] },
  { effect: 'wipe', kind: 'VolumeConfig', paths: ['encryption.**', 'provisioning.**'] },
  { effect: 'upgrade', kind: MAIN, paths: ['machine.install.**'] },
  { effect: 'reboot', kind: MAIN, paths: ['machine.kernel.modules.**'], only: 'removed' },
  { effect: 'reboot', kind: MAIN, paths: ['machine.kernel.modules[].parameters.**'] },
  { effect: 'reboot', kind: 'KernelModuleConfig', paths: ['**'], only: 'removed' },
  { effect: 'reboot', kind: 'KernelModuleConfig', paths: ['parameters.**'] },
  { effect: 'reboot', kind: MAIN, paths: ['machine.files.**'], since: '1.14' },
  { effect: 'reboot', kind: 'EnvironmentConfig', paths: ['**'], only: 'removed' },
];

/**
 * What may differ up to 1.13 in the v1alpha1 document without a reboot; other documents never force one.
 * Source: siderolabs/talos, v1alpha1_runtime.go, CanApplyImmediate.
 */
const IMMEDIATE: readonly { readonly paths: readonly string[]; readonly since?: Minor }[] = [
  { paths: ['debug', 'cluster.**'] },
  {
    paths: [
      'acceptedCAs',
      'ca',
      'certSANs',
      'controlPlane',
      'install',
      'kernel',
      'kubelet',
      'logging',
      'network',
      'nodeAnnotations',
      'nodeLabels',
      'nodeTaints',
      'pods',
      'registries',
      'seccompProfiles',
      'sysctls',
      'sysfs',
      'time',
    ].map((key) => `machine.${key}.**`),
  },
  { paths: ['kubernetesTalosAPIAccess', 'kubePrism', 'hostDNS'].map((key) => `machine.features.${key}.**`) },
  { paths: ['imageCache', 'nodeAddressSortAlgorithm'].map((key) => `machine.features.${key}.**`), since: '1.9' },
];

type Compiled<R> = R & { readonly patterns: readonly PathPattern[] };
const compiled = <R extends { readonly paths: readonly string[] }>(rows: readonly R[]): readonly Compiled<R>[] =>
  rows.map((row) => ({ ...row, patterns: row.paths.map(pathPattern) }));
const [rows, immediate] = [compiled(ROWS), compiled(IMMEDIATE)];
const names = ({ patterns }: Compiled<unknown>, keys: readonly string[]) =>
  patterns.some((pattern) => matchesPath(pattern, keys));

/** `version`: the node's tag. What Talos really does with a config, its dry run says. */
export function assessChange(before: MachineConfig, after: MachineConfig, version: string): ConfigAssessment {
  const changes = diffConfigs(before, after);
  const hasFeatures = [before, after].every((config) => 'features' in machineOf(config));
  const isImmediate = (change: ConfigChange): boolean => {
    if (isAtLeast(version, '1.14') || change.documentKind !== MAIN) return true;
    // where one of both has no features at all, Talos compares them as a whole
    if (change.keys[1] === 'features' && !hasFeatures) return false;
    return immediate.some((row) => isAtLeast(version, row.since ?? '1.8') && names(row, change.keys));
  };
  const effectOf = (change: ConfigChange): Effect => {
    const row = rows.find(
      ({ kind, only, since, ...one }) =>
        kind === change.documentKind &&
        (only === undefined || only === change.kind) &&
        (since === undefined || isAtLeast(version, since)) &&
        names(one, change.keys),
    );
    return row?.effect ?? (isImmediate(change) ? 'now' : 'reboot');
  };
  const found = changes.map((change) => ({ effect: effectOf(change), path: placeOf(change) }));
  return {
    changes,
    mode: changes.every(isImmediate) ? 'no_reboot' : 'reboot',
    effects: EFFECTS.map((effect) => ({
      effect,
      paths: [...new Set(found.filter((one) => one.effect === effect).map(({ path }) => path))],
    })).filter(({ paths }) => paths.length > 0),
  };
}

/** Worst first. */
const EFFECTS: readonly Effect[] = ['never', 'wipe', 'upgrade', 'reboot', 'now'];
const placeOf = ({ document, path }: ConfigChange) =>
  document === MAIN ? path : [document, path].filter(Boolean).join(': ');

function machineOf({ documents }: MachineConfig): object {
  const machine: unknown = documents.find((document: ConfigDocument) => isMain(document))?.content['machine'];
  return typeof machine === 'object' && machine !== null ? machine : {};
}
