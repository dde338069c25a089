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
const Module = z.looseObject({ name: z.string(), parameters: Texts });
const Link = z.looseObject({
  interface: z.string().optional(),
  deviceSelector: z.looseObject({ hardwareAddr: z.string().optional() }).optional(),
  addresses: Texts,
});
const Network = z.looseObject({
  nameservers: Texts,
  interfaces: z.array(Link).optional(),
  kubespan: z.looseObject({ enabled: z.boolean().optional() }).optional(),
});
const V1alpha1 = z.looseObject({
  version: z.literal('v1alpha1'),
  machine: z.looseObject({
    kernel: z.looseObject({ modules: z.array(Module).optional() }).optional(),
    time: z.looseObject({ disabled: z.boolean().optional(), servers: Texts }).optional(),
    network: Network.optional(),
    sysctls: Values,
    nodeLabels: Values,
    kubelet: z.looseObject({ image: z.string().optional(), skipNodeRegistration: z.boolean().optional() }).optional(),
    install: z.looseObject({ extensions: z.array(z.looseObject({ image: z.string() })).optional() }).optional(),
    systemDiskEncryption: z.looseObject({ ephemeral: z.unknown().optional() }).optional(),
  }),
  cluster: z.looseObject({ scheduler: z.looseObject({ config: z.unknown().optional() }).optional() }).optional(),
});
/** A document that says in 1.12 or 1.14 and later what a part of the v1alpha1 document said before. */
const KernelModule = Module.extend({ kind: z.literal('KernelModuleConfig') });
const TimeSync = z.looseObject({
  kind: z.literal('TimeSyncConfig'),
  enabled: z.boolean().optional(),
  ntp: z.looseObject({ servers: Texts }).optional(),
});
const Resolver = z.looseObject({
  kind: z.literal('ResolverConfig'),
  nameservers: z.array(z.looseObject({ address: z.string() })).optional(),
});
const KubeNode = z.looseObject({ kind: z.literal('KubeNodeConfig'), labels: Values });
const ExtensionService = z.looseObject({ kind: z.literal('ExtensionServiceConfig'), name: z.string() });

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
  const all = <S extends z.ZodType>(schema: S, since: number): readonly z.output<S>[] =>
    minor < since ? [] : documents.flatMap((document) => schema.safeParse(document).data ?? []);
  const { machine, cluster } = all(V1alpha1, 0)[0] ?? {};
  const modules = [...(machine?.kernel?.modules ?? []), ...all(KernelModule, 14)];
  const timeSync = all(TimeSync, 12);
  const [resolver] = all(Resolver, 12);
  return {
    kernelModules: modules.map(({ name, parameters = [] }) => ({ name, parameters })),
    isTimeSyncDisabled: machine?.time?.disabled === true || timeSync.some(({ enabled }) => enabled === false),
    timeServers: timeSync[0]?.ntp?.servers ?? machine?.time?.servers ?? [],
    nameservers: resolver?.nameservers?.map(({ address }) => address) ?? machine?.network?.nameservers ?? [],
    sysctls: machine?.sysctls ?? {},
    nodeLabels: { ...machine?.nodeLabels, ...all(KubeNode, 14)[0]?.labels },
    kubeletImage: machine?.kubelet?.image,
    skipsNodeRegistration: machine?.kubelet?.skipNodeRegistration === true,
    extensionServices: all(ExtensionService, 8).map(({ name }) => name),
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
