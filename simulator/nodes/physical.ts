import { withChange, withHostname, withKernelModules } from './change-config.ts';
import { cloudMachine, type Hardware, nodeIdFrom, nvmeDisk, rackMachine, uuidFrom } from './identity.ts';
import { layersFor } from './node-schematic.ts';
import type { NodePart } from './scenario-schema.ts';
import type { BootEntry, ClusterState, Physical, SystemDisk } from './state.ts';

/** Control planes are rented cloud servers that get their name from the platform, workers are rack servers. */
export const roleOf = (name: string): 'controlplane' | 'worker' => (name.startsWith('cp-') ? 'controlplane' : 'worker');

const MIB = 1024 ** 2;
const ON_TIME_DISK_MS = 2_000;
const ON_TIME_METADATA_MS = 4_000;

/** The machine that a scenario puts at the place of `name`. */
export function physicalFor(cluster: ClusterState, name: string, part: NodePart, version: string): Physical {
  const role = roleOf(name);
  const isOther = part.machine === 'other' || part.cluster === 'foreign';
  const salt = isOther ? [cluster.seed, name, 'other'] : [cluster.seed, name];
  const platform = part.platform ?? (role === 'controlplane' ? 'hcloud' : 'metal');
  const isTabled = part.systemDisk?.partitions !== 'none';
  const present = part.systemDisk?.partitions === 'none' ? {} : part.systemDisk?.partitions;
  const partitions = {
    META: present?.META !== 'absent',
    STATE: present?.STATE !== 'absent',
    EPHEMERAL: present?.EPHEMERAL !== 'absent',
  };
  const isForeign = part.cluster === 'foreign';
  const stored = cluster.configs[isForeign ? `foreign/${role}` : name] ?? '';
  const hostname = part.config?.hostname;
  const named = hostname === undefined ? stored : withHostname(stored, hostname ?? undefined);
  const changed = part.config === undefined ? named : withChange(named, part.config);
  const config = withKernelModules(changed, part.kernelModules?.configured ?? []);
  const { kernelModules, diagnostics, memory, load, clockOffset, metaKeys, staticPods, kernelLog, logs } = part;
  const { restarts, firmware, registry, timeServersAnswering } = part;
  const hasState = isTabled && partitions.STATE;
  return {
    hardware: withUplink(
      withBus(platform === 'hcloud' ? cloudMachine(...salt) : rackMachine(...salt), part, salt),
      part,
    ),
    platform,
    cluster: part.cluster ?? 'own',
    version,
    kernelArgs: part.kernelArgs ?? [],
    extensions: layersFor(role, part, version),
    ...(part.otherEntry !== undefined && { previous: otherEntry(part.otherEntry, part, role) }),
    disk: {
      attachesAfterMs: [...(part.systemDisk?.attachesAfter ?? [ON_TIME_DISK_MS])],
      partitions: isTabled ? partitions : undefined,
      partitionUuids: {
        META: uuidFrom('META', ...salt),
        STATE: uuidFrom('STATE', ...salt),
        EPHEMERAL: uuidFrom('EPHEMERAL', ...salt),
      },
      config: hasState ? config : undefined,
      nodeId: hasState ? nodeIdFrom(...salt) : undefined,
      ...troublesOf(part),
      ...etcdDataFor(part, isTabled && partitions.EPHEMERAL),
    },
    metadata:
      platform === 'hcloud'
        ? {
            hostname: part.metadata?.hostname ?? (isForeign ? `other-${name}` : name),
            arrivesAfterMs: [...(part.metadata?.arrivesAfter ?? [ON_TIME_METADATA_MS])],
            ...(part.metadata?.userData === 'config' && { userData: stored }),
          }
        : undefined,
    kernelModules,
    kernelLog,
    logs,
    restarts,
    firmware,
    registry,
    timeServersAnswering,
    uplink: part.uplink,
    diagnostics,
    memory,
    load,
    clockOffset,
    metaKeys: metaKeys && { ...metaKeys },
    staticPods,
    ...etcdFileFor(part),
  };
}

/** Another version of Talos with the same schematic. */
const otherEntry = (version: string, part: NodePart, role: 'controlplane' | 'worker'): BootEntry => ({
  version,
  kernelArgs: [...(part.kernelArgs ?? [])],
  extensions: layersFor(role, part, version),
  label: 'B',
});

function withBus(hardware: Hardware, part: NodePart, salt: readonly string[]): Hardware {
  if (part.systemDisk?.bus !== 'nvme') return hardware;
  const others = hardware.disks.filter(({ isSystem }) => !isSystem);
  return { ...hardware, disks: [nvmeDisk(1, true, ...salt, 'system'), ...others] };
}

function withUplink(hardware: Hardware, { uplink }: NodePart): Hardware {
  const links = hardware.links.map((link, n) => (n === 0 ? { ...link, name: uplink?.name ?? link.name } : link));
  return { ...hardware, links };
}

function troublesOf({ systemDisk }: NodePart): Partial<SystemDisk> {
  const { diesAfter, corruptEphemeral, encryptedEphemeral, ephemeralGiB, usedShare, containerRecords } =
    systemDisk ?? {};
  return {
    ...(diesAfter && { diesAfterMs: [...diesAfter] }),
    ...(corruptEphemeral && { ephemeralRepairMs: corruptEphemeral.repairTakes }),
    ...(encryptedEphemeral && {
      encrypted: { opensAfterMs: [...encryptedEphemeral.opensAfter], error: encryptedEphemeral.error },
    }),
    ...(ephemeralGiB !== undefined && { ephemeralBytes: ephemeralGiB * 1024 * MIB }),
    ...(usedShare !== undefined && { usedShare }),
    ...(containerRecords === 'corrupt' && { hasCorruptRecords: true }),
  };
}

function etcdFileFor({ etcd }: NodePart): Pick<Physical, 'etcdFile'> {
  if (etcd?.fileMiB === undefined || etcd.inUseMiB === undefined) return {};
  return { etcdFile: { bytes: etcd.fileMiB * MIB, inUseBytes: etcd.inUseMiB * MIB } };
}

function etcdDataFor({ etcd }: NodePart, hasEphemeral: boolean): Pick<SystemDisk, 'etcdData'> {
  if (etcd?.member === 'none' || !hasEphemeral) return { etcdData: 'none' };
  return etcd?.member === 'removed' ? { etcdData: 'removed' } : {};
}

/** Entry of a per-boot list; the last one repeats. `n` counts boots from 0. */
export const perBoot = (list: readonly number[], n: number): number => list[Math.min(n, list.length - 1)] ?? 0;

export function kernelCmdline({ version, platform, kernelArgs, bootLabel = 'A' }: Physical): string {
  const base = `BOOT_IMAGE=/${bootLabel}/vmlinuz talos.platform=${platform} console=tty0 init_on_alloc=1 slab_nomerge pti=on consoleblank=0 nvme_core.io_timeout=4294967295 printk.devkmsg=on`;
  const marker = version.startsWith('v1.8') ? ' ima_template=ima-ng ima_appraise=fix ima_hash=sha512' : '';
  return [base + marker, ...kernelArgs].join(' ');
}

/** Milliseconds that the kernel command line adds before disks are looked at. */
export function settleMs(physical: Physical): number {
  const argument = physical.kernelArgs.find((text) => text.startsWith('talos.device.settle_time='));
  const match = /=(?:(\d+)m)?(?:(\d+)s)?$/.exec(argument ?? '');
  return (Number(match?.[1] ?? 0) * 60 + Number(match?.[2] ?? 0)) * 1000;
}
