import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { DiscoveredVolumeReading, DiskReading, VolumeReading } from '../evidence/values.ts';
import type { InventoryEntry } from '../inventory/entry.ts';

/** Labels of the partitions that Talos makes. Source: siderolabs/talos, pkg/machinery/constants. */
const TALOS_LABELS: ReadonlySet<string> = new Set(['EFI', 'BIOS', 'BOOT', 'META', 'STATE', 'EPHEMERAL']);

/** What the disks show, seen from what the inventory knows of this machine. */
export type DiskFacts = {
  /** undefined: DiscoveredVolumes could not be read, so that nothing is known to be absent. */
  readonly partitions: readonly DiscoveredVolumeReading[] | undefined;
  /** Labels of Talos partitions that are there, sorted. */
  readonly labels: readonly string[];
  readonly states: readonly DiscoveredVolumeReading[];
  /** Volume STATE as Talos manages it. */
  readonly stateVolume: VolumeReading | undefined;
  readonly disks: readonly DiskReading[] | undefined;
  /** The disk that the inventory knows as this machine's system disk; undefined: not among those read, or not known. */
  readonly systemDisk: DiskReading | undefined;
  /** `unknown`: no WWID in the inventory, or no list of disks. */
  readonly isSystemDiskThere: 'yes' | 'no' | 'unknown';
};

export function diskFacts({ readings }: Evidence, inventory: InventoryEntry | undefined): DiskFacts {
  const partitions = readValue(readings.discoveredVolumes);
  const disks = readValue(readings.disks);
  const wwid = inventory?.identity.systemDiskWwid;
  const systemDisk = wwid === undefined ? undefined : disks?.find((disk) => disk.wwid === wwid);
  const talos = (partitions ?? []).filter(({ partitionLabel }) => TALOS_LABELS.has(partitionLabel));
  return {
    partitions,
    labels: [...new Set(talos.map(({ partitionLabel }) => partitionLabel))].sort(),
    states: talos.filter(({ partitionLabel }) => partitionLabel === 'STATE'),
    stateVolume: readValue(readings.volumes)?.find(({ id }) => id === 'STATE'),
    disks,
    systemDisk,
    isSystemDiskThere: isThere(wwid, disks, systemDisk),
  };
}

function isThere(
  wwid: string | undefined,
  disks: readonly DiskReading[] | undefined,
  disk: DiskReading | undefined,
): DiskFacts['isSystemDiskThere'] {
  if (wwid === undefined || disks === undefined) return 'unknown';
  return disk === undefined ? 'no' : 'yes';
}

/** Phases in which Talos has found the volume. Source: siderolabs/talos, pkg/machinery/resources/block. */
const FOUND: ReadonlySet<VolumeReading['phase']> = new Set(['located', 'provisioned', 'prepared', 'ready']);
export const isFound = (volume: VolumeReading | undefined): boolean => volume !== undefined && FOUND.has(volume.phase);

/** Whether the STATE partition that this machine had is there now. */
export type StateThere =
  | { readonly is: 'the known one'; readonly where: string }
  /** The inventory knows no partition UUID, but there is exactly one, on the known system disk. */
  | { readonly is: 'probably the known one'; readonly where: string }
  | { readonly is: 'another one'; readonly where: string }
  | { readonly is: 'empty'; readonly where: string }
  | { readonly is: 'absent' }
  | { readonly is: 'unknown' };

export function stateThere(disk: DiskFacts, inventory: InventoryEntry | undefined): StateThere {
  const known = inventory?.statePartitionUuid?.toLowerCase();
  const matching = disk.states.find(({ partitionUuid }) => partitionUuid.toLowerCase() === known);
  if (matching) return { is: matching.name === '' ? 'empty' : 'the known one', where: matching.devPath };
  const volume = isFound(disk.stateVolume) ? disk.stateVolume : undefined;
  if (disk.partitions === undefined) {
    if (volume === undefined) return { is: 'unknown' };
    const isKnown = known !== undefined && volume.partitionUuid.toLowerCase() === known;
    return isKnown ? { is: 'the known one', where: volume.location } : { is: 'unknown' };
  }
  const [first, ...others] = disk.states;
  if (first === undefined) return { is: volume === undefined ? 'absent' : 'unknown' };
  if (known !== undefined || others.length > 0) return { is: 'another one', where: first.devPath };
  if (first.name === '') return { is: 'empty', where: first.devPath };
  const isOnSystemDisk = disk.systemDisk !== undefined && isPartOf(first, disk.systemDisk);
  return { is: isOnSystemDisk ? 'probably the known one' : 'another one', where: first.devPath };
}

/** `parent` is the kernel name of the disk (`sda`) or its path, by version. */
const isPartOf = ({ parent }: DiscoveredVolumeReading, { id, devPath }: DiskReading): boolean =>
  parent === id || parent === devPath;
