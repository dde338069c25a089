import type { Readings } from '../../evidence/evidence.ts';
import { readDiskUsage } from '../readings/disk-usage.ts';
import { readMounts, readStorageDisks } from '../readings/machine.ts';
import * as block from '../resources/block.ts';
import { resource, resources } from '../sweep.ts';
import { all, always, configured, type Question, type Take } from './question.ts';

/** Disks, what is on them, and how full they are. */
export const disks: readonly Question[] = [
  {
    asks: 'Which disks has it (WWIDs)?',
    ...always,
    sources: [block.disk.type, 'storage.StorageService/Disks'],
    take: readDisks,
  },
  {
    asks: 'On which disk is Talos installed?',
    ...always,
    sources: [block.systemDisk.type],
    take: readSystemDisk,
  },
  {
    asks: 'Are its volumes ready (STATE, EPHEMERAL)?',
    ...always,
    ...all(block.volumeStatus, (volumes) => ({ volumes })),
  },
  {
    asks: 'Which partitions are on the disks?',
    ...always,
    ...all(block.discoveredVolume, (discoveredVolumes) => ({ discoveredVolumes })),
  },
  {
    asks: 'Is a disk full, and what fills /var?',
    ...configured,
    sources: ['machine.MachineService/Mounts', 'machine.MachineService/DiskUsage'],
    take: readFullness,
  },
];

async function readDisks(take: Take): Promise<Readings> {
  const found = await take(block.disk.type, resources(block.disk));
  if (found.ok || found.error.code !== 'not_supported_by_version') return { disks: found };
  return { disks: await take('storage.StorageService/Disks', readStorageDisks) };
}

/** Talos has no such resource when it knows no system disk, which is an answer and no failure. */
async function readSystemDisk(take: Take): Promise<Readings> {
  const systemDisk = await take(block.systemDisk.type, resource(block.systemDisk, block.SYSTEM_DISK_ID));
  if (systemDisk.ok || systemDisk.error.code !== 'not_found') return { systemDisk };
  const { error: _, ...facts } = systemDisk;
  return { systemDisk: { ...facts, ok: true, value: null } };
}

/** Share of /var that is free below which it is worth the node's work to say what fills it. */
const NEARLY_FULL_BELOW_SHARE = 0.15;

async function readFullness(take: Take): Promise<Readings> {
  const mounts = await take('machine.MachineService/Mounts', readMounts);
  const ephemeral = mounts.ok ? mounts.value.find(({ mountedOn }) => mountedOn === '/var') : undefined;
  if (ephemeral === undefined || ephemeral.availableBytes >= ephemeral.sizeBytes * NEARLY_FULL_BELOW_SHARE) {
    return { mounts };
  }
  return { mounts, diskUsage: await take('machine.MachineService/DiskUsage', readDiskUsage('/var')) };
}
