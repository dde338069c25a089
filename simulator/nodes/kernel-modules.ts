import { createHash } from 'node:crypto';
import { activeConfigOf } from './active-config.ts';
import { bootOf, controller, talos } from './record.ts';
import type { NodeState } from './state.ts';

/** Part of the kernel image: never loaded, always there. */
export const BUILTIN_MODULES: readonly string[] = [
  'bridge',
  'configfs',
  'dm_crypt',
  'dm_mod',
  'ext4',
  'ipv6',
  'kernel',
  'loop',
  'nf_conntrack',
  'nvme',
  'nvme_core',
  'overlay',
  'scsi_mod',
  'sd_mod',
  'tcp_cubic',
  'virtio_net',
  'virtio_scsi',
  'xfs',
];
/** Files of the image without extensions, and what each needs. */
const IN_IMAGE: Readonly<Record<string, readonly string[]>> = {
  br_netfilter: [],
  dm_snapshot: ['dm_bufio'],
  dm_bufio: [],
  dm_thin_pool: ['dm_persistent_data', 'dm_bio_prison'],
  dm_persistent_data: ['dm_bufio'],
  dm_bio_prison: [],
  dummy: [],
  ip_vs: [],
  iscsi_tcp: ['libiscsi_tcp'],
  ixgbe: ['mdio'],
  libiscsi: ['scsi_transport_iscsi'],
  libiscsi_tcp: ['libiscsi'],
  mdio: [],
  megaraid_sas: [],
  nbd: [],
  nvme_fabrics: [],
  nvme_tcp: ['nvme_fabrics'],
  scsi_transport_iscsi: [],
  tun: [],
  vhost: [],
  vhost_net: ['vhost', 'tun'],
  wireguard: [],
};
/** Files that an extension of this name brings along. */
const IN_EXTENSION: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  btrfs: { btrfs: [] },
  drbd: { drbd: [], drbd_transport_tcp: ['drbd'], handshake: [] },
  'gasket-driver': { gasket: [], apex: ['gasket'] },
  'nonfree-kmod-nvidia': { nvidia: [], nvidia_uvm: ['nvidia'], nvidia_modeset: ['nvidia'] },
  'nvidia-open-gpu-kernel-modules': { nvidia: [], nvidia_uvm: ['nvidia'], nvidia_modeset: ['nvidia'] },
  thunderbolt: { thunderbolt: [] },
  zfs: { spl: [], zfs: ['spl'] },
};

/** As the kernel spells it. */
const canonical = (name: string): string => name.replaceAll('-', '_');

/** Extensions with module files make the image's list of dependencies anew. */
export const hasExtensionModules = ({ physical }: NodeState): boolean =>
  physical.extensions.some(({ name }) => Object.hasOwn(IN_EXTENSION, name));

/** Loadable files of the image that the node has booted, and what each needs. */
const imageModules = ({ physical }: NodeState): Readonly<Record<string, readonly string[]>> => ({
  ...IN_IMAGE,
  ...Object.assign({}, ...physical.extensions.map(({ name }) => IN_EXTENSION[name] ?? {})),
});

function isLoadable(node: NodeState, name: string): boolean {
  if (BUILTIN_MODULES.includes(name)) return true;
  const { kernelModules } = node.physical;
  if (kernelModules?.loaded !== undefined) return kernelModules.loaded.map(canonical).includes(name);
  return Object.hasOwn(imageModules(node), name);
}

/**
 * Loads what the config in effect asks for, and says what cannot be. Talos unloads nothing before the next boot.
 * Source: internal/app/machined/pkg/controllers/runtime/kernel_module_spec.go.
 */
export function loadConfiguredModules(node: NodeState): void {
  const boot = bootOf(node);
  const wanted = activeConfigOf(node)?.kernelModules ?? [];
  const missing = wanted.filter(({ name }) => !isLoadable(node, canonical(name)));
  const found = wanted.filter((module) => !missing.includes(module)).map(({ name }) => canonical(name));
  boot.configuredModules = [...new Set([...(boot.configuredModules ?? []), ...found])];
  if (missing.length === 0) return;
  const error = missing.map(({ name }) => `error loading module "${name}": module not found`).join('\n');
  const lastLine = boot.kernelLog.at(-1)?.at ?? boot.startedAt;
  talos(node, lastLine, 'controller failed', controller('runtime.KernelModuleSpecController', { error }));
}

function driversOf({ physical }: NodeState): readonly string[] {
  const controllers = physical.hardware.disks.some(({ model }) => model.startsWith('PERC')) ? ['megaraid_sas'] : [];
  return [...physical.hardware.links.map(({ driver }) => driver), ...controllers];
}

/** A dynamic module as /proc/modules shows it. */
export type LoadedModule = {
  readonly name: string;
  readonly size: number;
  readonly usedBy: readonly string[];
  readonly address: string;
};

/** Drivers of the hardware, what the config and the extension services asked for, and what these need. */
export function loadedModules(node: NodeState): readonly LoadedModule[] {
  const { configuredModules = [], services } = bootOf(node);
  const iscsi = services['ext-iscsid']?.state === 'Running' ? ['iscsi_tcp'] : [];
  const asked = [...driversOf(node), ...iscsi, ...configuredModules, ...(node.physical.kernelModules?.loaded ?? [])];
  const files = imageModules(node);
  const names = new Set<string>();
  const load = (name: string): void => {
    if (names.has(name) || BUILTIN_MODULES.includes(name)) return;
    names.add(name);
    for (const needed of files[name] ?? []) load(needed);
  };
  for (const name of asked) load(canonical(name));
  return [...names].sort().map((name) => {
    const digest = createHash('sha256').update(name).digest();
    return {
      name,
      size: 4096 * (4 + digest.readUInt8(0)),
      usedBy: [...names].filter((user) => files[user]?.includes(name)),
      address: `0xffffffffc0${digest.toString('hex', 1, 3)}00`,
    };
  });
}
