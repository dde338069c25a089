import { activeConfigOf } from './active-config.ts';
import { BUILTIN_MODULES, loadedModules } from './kernel-modules.ts';
import { one, type ResourceSource } from './resource.ts';

/** The name stands under `string`. Source: pkg/machinery/resources/runtime/kernel_module_spec.go. */
const specs: ResourceSource = ({ node }) =>
  (activeConfigOf(node)?.kernelModules ?? []).map(({ name, parameters }) =>
    one('runtime', name, { string: name, parameters }, { owner: 'runtime.KernelModuleConfigController' }),
  );

const withUsers = (usedBy: readonly string[]) => (usedBy.length === 0 ? {} : { dependencies: usedBy });

const loaded: ResourceSource = ({ node }) =>
  loadedModules(node).map(({ name, size, usedBy, address }) =>
    one('runtime', name, { size, referenceCount: usedBy.length, ...withUsers(usedBy), state: 'Live', address }),
  );

const statuses: ResourceSource = ({ node }) => [
  ...BUILTIN_MODULES.map((name) =>
    one('runtime', name, { type: 'built-in', size: 0, referenceCount: 0, state: 'built-in', address: '' }),
  ),
  ...loadedModules(node).map(({ name, size, usedBy, address }) => {
    const use = { referenceCount: usedBy.length, ...withUsers(usedBy) };
    return one('runtime', name, { type: 'dynamic', size, ...use, state: 'live', address });
  }),
];

/** A few of those that Talos sets on every node: what it sets, and what the kernel had before. */
const DEFAULTS: readonly [id: string, current: string, before: string][] = [
  ['proc.sys.kernel.panic', '10', '0'],
  ['proc.sys.kernel.pid_max', '262144', '32768'],
  ['proc.sys.net.ipv4.ip_forward', '1', '0'],
  ['proc.sys.net.ipv6.conf.default.forwarding', '1', '0'],
  ['proc.sys.vm.overcommit_memory', '1', '0'],
];

const params: ResourceSource = ({ node }) => {
  const sysctls = activeConfigOf(node)?.sysctls ?? {};
  const own = Object.entries(sysctls).map(([key, value]) => [`proc.sys.${key.replaceAll('/', '.')}`, value] as const);
  const current = new Map([...DEFAULTS.map(([id, value]) => [id, value] as const), ...own]);
  const before = new Map(DEFAULTS.map(([id, , value]) => [id, value]));
  return [...current].map(([id, value]) =>
    one('runtime', id, { current: value, default: before.get(id) ?? '', unsupported: false }),
  );
};

export const kernelResources: Readonly<Record<string, ResourceSource>> = {
  'KernelModuleSpecs.runtime.talos.dev': specs,
  'LoadedKernelModules.runtime.talos.dev': loaded,
  'KernelModuleStatuses.runtime.talos.dev': statuses,
  'KernelParamStatuses.runtime.talos.dev': params,
};
