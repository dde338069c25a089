import { SAME_BOOT_WITHIN_S } from '../evidence/boot.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { baselineOf } from './baseline.ts';
import type { CompositeIdentity, InventoryEntry } from './entry.ts';
import { isGeneratedName } from './host-name.ts';
import { compareIdentity, observedIdentity } from './identity.ts';

export type KnownNode = Pick<InventoryEntry, 'cluster' | 'name' | 'role' | 'addresses'>;

const MAX_BOOTS = 20;

/**
 * What a healthy look at a node adds to the inventory. Only a node that runs and that the cluster's certificates
 * vouch for is learned from; what it did not say this time stays as it was. `now` in ISO 8601.
 * undefined: nothing may be learned, for instance because another node answers at the address.
 */
export function learn(
  previous: InventoryEntry | undefined,
  evidence: Evidence,
  known: KnownNode,
  now: string,
): InventoryEntry | undefined {
  const { reach, readings } = evidence;
  if (reach.mode !== 'mtls' && reach.mode !== 'forwarded') return undefined;
  if (readValue(readings.machineStatus)?.stage !== 'running') return undefined;
  const observed = observedIdentity(evidence);
  const hostname = readValue(readings.hostname)?.hostname;
  const before = whatStillHolds(previous, observed, hostname);
  if (before === 'another node') return undefined;
  return {
    cluster: known.cluster,
    name: known.name,
    role: known.role,
    addresses: known.addresses,
    hostname: nameToKeep(before?.hostname, hostname) || known.name,
    identity: merge(before?.identity, observed),
    version: readValue(readings.version)?.tag || before?.version,
    schematic: schematicOf(evidence) ?? before?.schematic,
    statePartitionUuid: statePartitionUuidOf(evidence) ?? before?.statePartitionUuid,
    boots: withBoot(before?.boots ?? [], readValue(readings.systemStat)?.bootTimeS, now),
    etcdName: known.role === 'controlplane' ? (etcdNameOf(evidence) ?? before?.etcdName) : undefined,
    baseline: baselineOf(evidence, now) ?? before?.baseline,
    seenAt: now,
  };
}

/** A node that comes up under a name that Talos made up has lost its own for now: that teaches nothing. */
function nameToKeep(before: string | undefined, observed: string | undefined): string | undefined {
  const isTemporary = before && observed && isGeneratedName(observed) && !isGeneratedName(before);
  return isTemporary ? before : observed || before;
}

/**
 * While an incident of the node is open, only its boots are added: what a repair is verified against must not be learned
 * from the very node that is being repaired. undefined: nothing new, or another machine.
 */
export function learnBoot(entry: InventoryEntry, evidence: Evidence, now: string): InventoryEntry | undefined {
  if (compareIdentity(entry.identity, observedIdentity(evidence)).verdict !== 'same') return undefined;
  const boots = learn(entry, evidence, entry, now)?.boots ?? [];
  return boots.at(-1)?.seenAt === entry.boots.at(-1)?.seenAt ? undefined : { ...entry, boots };
}

/**
 * A machine that was replaced under the same hostname starts with an empty page: nothing of the old one is true of it.
 * With another hostname, or when the facts contradict without proving anything, it is not the node that we know.
 */
function whatStillHolds(
  previous: InventoryEntry | undefined,
  observed: CompositeIdentity,
  hostname: string | undefined,
): InventoryEntry | undefined | 'another node' {
  if (previous === undefined) return undefined;
  const { verdict, differing } = compareIdentity(previous.identity, observed);
  if (verdict === 'different') return hostname === previous.hostname ? undefined : 'another node';
  return verdict === 'unproven' && differing.length > 0 ? 'another node' : previous;
}

const merge = (before: CompositeIdentity | undefined, observed: CompositeIdentity): CompositeIdentity => ({
  uuid: observed.uuid ?? before?.uuid,
  serialNumber: observed.serialNumber ?? before?.serialNumber,
  macs: observed.macs.length > 0 ? observed.macs : (before?.macs ?? []),
  systemDiskWwid: observed.systemDiskWwid ?? before?.systemDiskWwid,
  nodeId: observed.nodeId ?? before?.nodeId,
});

function withBoot(
  boots: InventoryEntry['boots'],
  bootTimeS: number | undefined,
  seenAt: string,
): InventoryEntry['boots'] {
  const last = boots.at(-1);
  if (bootTimeS === undefined) return boots;
  if (last !== undefined && Math.abs(last.bootTimeS - bootTimeS) <= SAME_BOOT_WITHIN_S) return boots;
  return [...boots, { bootTimeS, seenAt }].slice(-MAX_BOOTS);
}

/** Image Factory puts its id into a virtual extension of this name. Source: siderolabs/image-factory. */
const schematicOf = ({ readings }: Evidence): string | undefined =>
  readValue(readings.extensions)?.find(({ name }) => name === 'schematic')?.version || undefined;

function statePartitionUuidOf({ readings }: Evidence): string | undefined {
  const volume = readValue(readings.volumes)?.find(({ id }) => id === 'STATE');
  if (volume?.phase === 'ready' && volume.partitionUuid !== '') return volume.partitionUuid.toLowerCase();
  const found = (readValue(readings.discoveredVolumes) ?? []).filter(
    ({ partitionLabel }) => partitionLabel === 'STATE',
  );
  const [only] = found;
  return found.length === 1 && only?.partitionUuid ? only.partitionUuid.toLowerCase() : undefined;
}

function etcdNameOf({ readings }: Evidence): string | undefined {
  const id = readValue(readings.etcdStatus)?.memberId ?? readValue(readings.etcdLocalMember)?.memberId;
  const member = readValue(readings.etcdMembers)?.find((one) => one.id === id);
  return member?.hostname || readValue(readings.etcdSpec)?.name || undefined;
}
