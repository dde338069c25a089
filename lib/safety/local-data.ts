import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { VolumeReading } from '../evidence/values.ts';
import type { GateFacts } from './facts.ts';
import { allowed, type Gate, refused } from './gate.ts';

/** Something on a node that Talos did not put there for itself. `isErased`: by a wipe of EPHEMERAL. */
export type LocalVolume = {
  readonly name: string;
  /** `user volume`, `raw volume` ...; `disk` and `partition` where no volume of Talos says what they are. */
  readonly kind: string;
  readonly device: string;
  readonly sizeBytes: number;
  readonly isErased: boolean;
};
export type LocalData =
  | { readonly known: 'yes'; readonly volumes: readonly LocalVolume[] }
  | { readonly known: 'no'; readonly because: string };

/** By the first two characters of a volume's id. Source: siderolabs/talos, pkg/machinery/constants. */
const KINDS: Readonly<Record<string, string>> = {
  'u-': 'user volume',
  'r-': 'raw volume',
  'e-': 'existing volume',
  's-': 'swap volume',
  'x-': 'external volume',
};
/** Partitions that Talos makes for itself. EFI to BOOT belong to the bootloader. */
const OWN_LABELS = ['EFI', 'BIOS', 'BOOT', 'META', 'STATE', 'EPHEMERAL', 'IMAGECACHE'];
/** Parts of EPHEMERAL that may have a partition of their own since Talos 1.14, which a wipe of EPHEMERAL spares. */
const PROMOTED = ['ETCD', 'CRI', 'KUBELET', 'LOG'];

/** Volumes and disks beside those of the system. What pods keep under /var is not seen, and is erased with EPHEMERAL. */
export function localData({ readings }: Pick<Evidence, 'readings'>): LocalData {
  const volumes = readValue(readings.volumes);
  const discovered = readValue(readings.discoveredVolumes);
  const disks = readValue(readings.disks);
  const system = readValue(readings.systemDisk);
  if (volumes === undefined || discovered === undefined || disks === undefined || !system) {
    return { known: 'no', because: 'The node did not say which volumes and disks it has.' };
  }
  const named = volumes.flatMap(ofTalos);
  const real = new Set(disks.map(({ devPath }) => devPath)); // loop devices and the like are no disks
  const parents = new Set(discovered.filter(({ type }) => type === 'partition').map(({ parent }) => parent));
  const known = new Set(volumes.map(({ location }) => location));
  const unnamed = discovered.flatMap(
    ({ id, type, devPath, parent, name, partitionLabel, sizeBytes }): LocalVolume[] => {
      const isDisk = type === 'disk' && real.has(devPath) && name !== '' && !parents.has(id) && id !== system.diskId;
      const isPartition = type === 'partition' && real.has(`/dev/${parent}`) && !OWN_LABELS.includes(partitionLabel);
      if ((!isDisk && !isPartition) || known.has(devPath)) return [];
      const called = `${partitionLabel || id} (${name || 'no format known'})`;
      return [{ name: called, kind: isDisk ? 'disk' : 'partition', device: devPath, sizeBytes, isErased: false }];
    },
  );
  return { known: 'yes', volumes: [...named, ...unnamed] };
}

/** Without a device of its own it is a directory on EPHEMERAL. */
function ofTalos({ id, location, sizeBytes }: VolumeReading): readonly LocalVolume[] {
  if (PROMOTED.includes(id) && location !== '') {
    return [{ name: id, kind: 'system volume', device: location, sizeBytes, isErased: false }];
  }
  const kind = KINDS[id.slice(0, 2)];
  if (kind === undefined) return [];
  return [{ name: id.slice(2), kind, device: location, sizeBytes, isErased: location === '' }];
}

/** Lines for a plan that wipes EPHEMERAL: what goes, what stays. Their number comes before their names. */
export function localDataLines(volumes: readonly LocalVolume[]): readonly string[] {
  const erased = volumes.filter(({ isErased }) => isErased);
  const kept = volumes.filter(({ isErased }) => !isErased);
  return [
    'Erased: everything under /var (images, logs, and what pods keep on the node: hostPath and local volumes).',
    'Which claims of Kubernetes live there is not known to Medic: ask who runs stateful workloads on this node.',
    ...(volumes.length === 0
      ? []
      : [`Volumes beside those of the system: ${erased.length} erased with EPHEMERAL, ${kept.length} stay.`]),
    ...erased.map(({ kind, name }) => `Erased: ${kind} ${name}, a directory on EPHEMERAL.`),
    ...kept.map(
      ({ kind, name, device, sizeBytes }) => `Stays: ${kind} ${name} on ${device} (${inGigabytes(sizeBytes)}).`,
    ),
  ];
}

const inGigabytes = (bytes: number): string => `${Math.round(bytes / 1e8) / 10} GB`;

/** A wipe needs to know what lies beside the system, because the plan has to name it. */
export const localDataGate: Gate<Pick<GateFacts, 'action' | 'evidence'>> = ({ action, evidence }) => {
  if (action.wipes.length === 0) return allowed('It erases nothing.', 'action');
  const local = localData(evidence);
  if (local.known === 'no') return refused(`${local.because} What would be lost cannot be named.`, 'volumes', 'disks');
  const count = local.volumes.length;
  return allowed(
    count === 0
      ? 'No volumes beside those of the system.'
      : `Volumes beside those of the system, named below: ${count}.`,
    'volumes',
    'discoveredVolumes',
    'disks',
  );
};
