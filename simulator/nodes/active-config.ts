import * as z from 'zod';
import { configDocuments } from './config-documents.ts';
import { keptByMinor } from './kept.ts';
import { bootOf } from './record.ts';
import type { NodeState } from './state.ts';
import { minorOf } from './version.ts';

/** What readers see of the machine config that is in effect; nobody but an admin may read the config itself. */
export type ActiveConfig = {
  readonly kernelModules: readonly { readonly name: string; readonly parameters: readonly string[] }[];
  readonly isTimeSyncDisabled: boolean;
  readonly timeServers: readonly string[];
  readonly nameservers: readonly string[];
  readonly sysctls: Readonly<Record<string, string>>;
  readonly nodeLabels: Readonly<Record<string, string>>;
  readonly kubeletImage: string | undefined;
  readonly skipsNodeRegistration: boolean;
  readonly extensionServices: readonly string[];
  /** Of `machine.network.interfaces`: static addresses. */
  readonly interfaces: readonly Interface[];
  readonly hasKubeSpan: boolean;
  /** Images of `machine.install.extensions`, which installers up to 1.9 add. */
  readonly installedExtensions: readonly string[];
  /** Of `machine.systemDiskEncryption`. */
  readonly encryptsEphemeral: boolean;
  /** A number where the rendering of static pods expects text. */
  readonly hasNumbersForScheduler: boolean;
};

type Interface = {
  readonly name: string | undefined;
  readonly hardwareAddress: string | undefined;
  readonly addresses: readonly string[];
};

const Texts = z.array(z.string()).optional();
const Values = z.record(z.string(), z.coerce.string()).optional();
const Module = z.object({ name: z.string(), parameters: Texts });
const Link = z.object({
  interface: z.string().optional(),
  deviceSelector: z.object({ hardwareAddr: z.string().optional() }).optional(),
  addresses: Texts,
});
const Network = z.object({
  nameservers: Texts,
  interfaces: z.array(Link).optional(),
  kubespan: z.object({ enabled: z.boolean().optional() }).optional(),
});
const V1alpha1 = z.object({
  machine: z.object({
    kernel: z.object({ modules: z.array(Module).optional() }).optional(),
    time: z.object({ disabled: z.boolean().optional(), servers: Texts }).optional(),
    network: Network.optional(),
    sysctls: Values,
    nodeLabels: Values,
    kubelet: z.object({ image: z.string().optional(), skipNodeRegistration: z.boolean().optional() }).optional(),
    install: z.object({ extensions: z.array(z.object({ image: z.string() })).optional() }).optional(),
    systemDiskEncryption: z.object({ ephemeral: z.unknown().optional() }).optional(),
  }),
  cluster: z.object({ scheduler: z.object({ config: z.unknown().optional() }).optional() }).optional(),
});
/** A document that says in 1.12 or 1.14 and later what a part of the v1alpha1 document said before. */
const TimeSync = z.object({
  enabled: z.boolean().optional(),
  ntp: z.object({ servers: Texts }).optional(),
});
const Resolver = z.object({ nameservers: z.array(z.object({ address: z.string() })).optional() });
const KubeNode = z.object({ labels: Values });
const ExtensionService = z.object({ name: z.string() });

/** Trying every schema on every document would cost more than the one that fits. */
const says =
  (key: string, value: string) =>
  (document: unknown): boolean =>
    typeof document === 'object' && document !== null && Reflect.get(document, key) === value;

function hasNumber(value: unknown): boolean {
  if (typeof value === 'number') return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasNumber);
}

/** Undefined as long as no config is in effect: in maintenance mode. */
export function activeConfigOf(node: NodeState): ActiveConfig | undefined {
  const { activeConfig } = bootOf(node);
  return activeConfig === undefined ? undefined : readActiveConfig(activeConfig, minorOf(node.physical.version));
}

const readActiveConfig = keptByMinor((text, minor): ActiveConfig => {
  const documents = configDocuments(text).map((document) => document.content());
  const where = <S extends z.ZodType>(key: string, value: string, schema: S): readonly z.output<S>[] =>
    documents.filter(says(key, value)).flatMap((document) => schema.safeParse(document).data ?? []);
  const all = <S extends z.ZodType>(kind: string, schema: S, since: number): readonly z.output<S>[] =>
    minor < since ? [] : where('kind', kind, schema);
  const { machine, cluster } = where('version', 'v1alpha1', V1alpha1)[0] ?? {};
  const modules = [...(machine?.kernel?.modules ?? []), ...all('KernelModuleConfig', Module, 14)];
  const timeSync = all('TimeSyncConfig', TimeSync, 12);
  const [resolver] = all('ResolverConfig', Resolver, 12);
  return {
    kernelModules: modules.map(({ name, parameters = [] }) => ({ name, parameters })),
    isTimeSyncDisabled: machine?.time?.disabled === true || timeSync.some(({ enabled }) => enabled === false),
    timeServers: timeSync[0]?.ntp?.servers ?? machine?.time?.servers ?? [],
    nameservers: resolver?.nameservers?.map(({ address }) => address) ?? machine?.network?.nameservers ?? [],
    sysctls: machine?.sysctls ?? {},
    nodeLabels: { ...machine?.nodeLabels, ...all('KubeNodeConfig', KubeNode, 14)[0]?.labels },
    kubeletImage: machine?.kubelet?.image,
    skipsNodeRegistration: machine?.kubelet?.skipNodeRegistration === true,
    extensionServices: all('ExtensionServiceConfig', ExtensionService, 8).map(({ name }) => name),
    hasKubeSpan: machine?.network?.kubespan?.enabled === true,
    interfaces: (machine?.network?.interfaces ?? []).map((link) => ({
      name: link.interface,
      hardwareAddress: link.deviceSelector?.hardwareAddr?.toLowerCase(),
      addresses: link.addresses ?? [],
    })),
    installedExtensions: machine?.install?.extensions?.map(({ image }) => image) ?? [],
    encryptsEphemeral: machine?.systemDiskEncryption?.ephemeral !== undefined,
    hasNumbersForScheduler: hasNumber(cluster?.scheduler?.config),
  };
});
