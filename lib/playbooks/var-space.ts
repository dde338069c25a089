import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';

/**
 * Share of /var below which the kubelet calls the disk under pressure and ends pods: its default for the file system
 * with the images, which is /var on Talos. Source: Kubernetes, "Node-pressure Eviction", imagefs.available.
 */
const PRESSURE_BELOW_SHARE = 0.15;

export type VarSpace = { readonly sizeBytes: number; readonly availableBytes: number; readonly share: number };

/** How full /var is; undefined: not mounted, or not read. */
function varSpace({ readings }: Evidence): VarSpace | undefined {
  const mount = readValue(readings.mounts)?.find(({ mountedOn }) => mountedOn === '/var');
  if (mount === undefined || mount.sizeBytes <= 0) return undefined;
  const { sizeBytes, availableBytes } = mount;
  return { sizeBytes, availableBytes, share: availableBytes / sizeBytes };
}

/** Only where it is nearly full. */
export function shortOfSpace(evidence: Evidence): VarSpace | undefined {
  const space = varSpace(evidence);
  return space !== undefined && space.share < PRESSURE_BELOW_SHARE ? space : undefined;
}

export type SystemDiskSpace = { readonly disk: string; readonly sizeBytes: number; readonly unusedBytes: number };

/** What of the disk that carries EPHEMERAL is in no partition; undefined: not all of it was read. */
export function systemDiskSpace({ readings }: Evidence): SystemDiskSpace | undefined {
  const ephemeral = readValue(readings.volumes)?.find(({ id }) => id === 'EPHEMERAL');
  const disk = readValue(readings.disks)?.find(({ devPath }) => devPath === ephemeral?.parentLocation);
  const found = readValue(readings.discoveredVolumes);
  if (disk === undefined || found === undefined) return undefined;
  const partitions = found.filter(
    ({ type, parent }) => type === 'partition' && (parent === disk.id || parent === disk.devPath),
  );
  if (partitions.length === 0) return undefined;
  const usedBytes = partitions.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { disk: disk.id, sizeBytes: disk.sizeBytes, unusedBytes: Math.max(0, disk.sizeBytes - usedBytes) };
}

/** Share of the system disk in no partition above which EPHEMERAL could have grown. Our own choice. */
export const MOSTLY_UNUSED_SHARE = 0.5;

const GIB = 1024 ** 3;
export const gib = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`;
