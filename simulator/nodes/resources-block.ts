import { partitionName, partitionNumbers } from './disk-steps.ts';
import { bootOf } from './record.ts';
import { type CosiResource, one, type ResourceSource } from './resource.ts';
import type { NodeState } from './state.ts';
import { varUsage } from './storage-usage.ts';
import { minorOf } from './version.ts';

const MIB = 1024 ** 2;
const PARTITIONS = {
  EFI: { size: 100 * MIB, name: 'vfat', type: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b' },
  BIOS: { size: MIB, name: '', type: '21686148-6449-6e6f-744e-656564454649' },
  BOOT: { size: 1000 * MIB, name: 'xfs', type: '0fc63daf-8483-4772-8e79-3d69d8477de4' },
  META: { size: MIB, name: 'talosmeta', type: '0fc63daf-8483-4772-8e79-3d69d8477de4' },
  STATE: { size: 100 * MIB, name: 'xfs', type: '0fc63daf-8483-4772-8e79-3d69d8477de4' },
  EPHEMERAL: { size: 0, name: 'xfs', type: '0fc63daf-8483-4772-8e79-3d69d8477de4' },
} as const;

export function pretty(bytes: number): string {
  if (bytes >= 1e12) return `${(bytes / 1e12).toFixed(1)} TB`;
  if (bytes >= 1e9) return `${Math.round(bytes / 1e9)} GB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

const systemDisk = (node: NodeState) => node.physical.hardware.disks.find(({ isSystem }) => isSystem);
/** Disks that the kernel shows by now. */
export const visibleDisks = (node: NodeState) =>
  node.physical.hardware.disks.filter((disk) => !disk.isSystem || bootOf(node).isDiskAttached);

const partitionSize = (node: NodeState, label: keyof typeof PARTITIONS): number =>
  label === 'EPHEMERAL' ? varUsage(node).totalBytes : PARTITIONS[label].size;

const disks: ResourceSource = ({ node }) =>
  visibleDisks(node).map((disk) =>
    one('runtime', disk.name, {
      dev_path: `/dev/${disk.name}`,
      size: disk.sizeBytes,
      pretty_size: pretty(disk.sizeBytes),
      io_size: 512,
      sector_size: 512,
      readonly: false,
      cdrom: false,
      model: disk.model,
      serial: disk.serial,
      wwid: disk.wwid,
      bus_path: '/pci0000:00/0000:00:02.0',
      sub_system: '/sys/class/block',
      ...(disk.transport === '' ? {} : { transport: disk.transport }),
      rotational: false,
    }),
  );

const systemDisks: ResourceSource = ({ node }) => {
  const disk = systemDisk(node);
  const isKnown = bootOf(node).isDiskAttached && node.physical.disk.partitions?.META === true;
  return disk && isKnown ? [one('runtime', 'system-disk', { diskID: disk.name, devPath: `/dev/${disk.name}` })] : [];
};

const discovered: ResourceSource = ({ node }) => visibleDisks(node).flatMap((disk) => volumesOf(node, disk.name));

function volumesOf(node: NodeState, name: string): CosiResource[] {
  const disk = node.physical.hardware.disks.find((known) => known.name === name);
  if (disk === undefined) return [];
  const isTabled = disk.isSystem && node.physical.disk.partitions !== undefined;
  const whole = one('runtime', name, {
    dev_path: `/dev/${name}`,
    type: 'disk',
    device_path: `/devices/pci0000:00/0000:00:02.0/block/${name}`,
    size: disk.sizeBytes,
    pretty_size: pretty(disk.sizeBytes),
    sector_size: 512,
    io_size: 512,
    name: isTabled ? 'gpt' : '',
  });
  if (!isTabled) return [whole];
  const { partitionUuids } = node.physical.disk;
  const parts = partitionNumbers(node).map(({ n, label }) => {
    const uuid = label === 'META' || label === 'STATE' || label === 'EPHEMERAL' ? partitionUuids[label] : '';
    return one('runtime', partitionName(name, n), {
      dev_path: `/dev/${partitionName(name, n)}`,
      type: 'partition',
      device_path: `/devices/pci0000:00/0000:00:02.0/block/${name}/${partitionName(name, n)}`,
      parent: name,
      parent_dev_path: `/dev/${name}`,
      size: partitionSize(node, label),
      pretty_size: pretty(partitionSize(node, label)),
      sector_size: 512,
      io_size: 512,
      name: PARTITIONS[label].name,
      ...(PARTITIONS[label].name === 'xfs' ? { uuid, label } : {}),
      partition_uuid: uuid,
      partition_type: PARTITIONS[label].type,
      partition_label: label,
      partition_index: n,
    });
  });
  return [whole, ...parts];
}

const LOCATED = new Set(['located', 'provisioned', 'prepared', 'ready']);
const volumeStatuses: ResourceSource = ({ node }) => {
  const disk = systemDisk(node);
  return Object.entries(bootOf(node).volumes).map(([id, { phase, updatedAt, revision, failed }]) => {
    const part = partitionNumbers(node).find(({ label }) => label === id);
    const isLocated = LOCATED.has(phase) && part !== undefined && disk !== undefined;
    const uuid = id === 'META' || id === 'STATE' || id === 'EPHEMERAL' ? node.physical.disk.partitionUuids[id] : '';
    const place = isLocated
      ? {
          location: `/dev/${partitionName(disk.name, part.n)}`,
          mountLocation: `/dev/${partitionName(disk.name, part.n)}`,
          parentLocation: `/dev/${disk.name}`,
          partitionIndex: part.n,
          partitionUUID: uuid,
          ...(part.label === 'META' ? {} : { uuid, filesystem: 'xfs' }),
          size: partitionSize(node, part.label),
          prettySize: pretty(partitionSize(node, part.label)),
        }
      : {};
    const type = minorOf(node.physical.version) >= 10 ? { type: 'partition' } : {};
    const meta = { version: revision, updatedAt, owner: 'block.VolumeManagerController' };
    const failure = failed ? { preFailPhase: failed.from, errorMessage: failed.error } : {};
    return one('runtime', id, { phase, ...type, ...place, ...failure }, meta);
  });
};

export const blockResources: Readonly<Record<string, ResourceSource>> = {
  'Disks.block.talos.dev': disks,
  'SystemDisks.block.talos.dev': systemDisks,
  'DiscoveredVolumes.block.talos.dev': discovered,
  'VolumeStatuses.block.talos.dev': volumeStatuses,
};
