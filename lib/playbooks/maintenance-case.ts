import type { ActionName } from '../approvals/action-name.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { compareIdentity, type IdentityProof, observedIdentity } from '../inventory/identity.ts';
import { type DiskFacts, diskFacts, isFound, type StateThere, stateThere } from './disk-facts.ts';
import type { Confidence, Facts, Order } from './finding.ts';
import { type LateDiskLog, lateDiskLog } from './late-disk-log.ts';
import { type Membership, membershipOf } from './membership.ts';

/** Why a node can be in maintenance mode. They exclude each other; `undefined`: nothing says which. */
export type MaintenanceCode =
  | 'state_not_found_in_time'
  | 'state_missing'
  | 'reset_on_purpose'
  | 'fresh_machine'
  | 'foreign_machine_in_maintenance'
  | 'system_disk_missing';

/** Everything that the playbooks of maintenance mode look at, judged once so that they cannot contradict each other. */
export type MaintenanceCase = {
  readonly code: MaintenanceCode | undefined;
  readonly confidence: Confidence;
  readonly disk: DiskFacts;
  readonly state: StateThere;
  readonly proof: IdentityProof | undefined;
  readonly membership: Membership;
  readonly log: LateDiskLog;
  readonly reset: Order | undefined;
};

/** undefined: the node is not in maintenance mode, or leaves it right now. The reach alone proves the stage. */
export function maintenanceCase(evidence: Evidence, facts: Facts): MaintenanceCase | undefined {
  if (evidence.reach.mode !== 'maintenance') return undefined;
  const stage = readValue(evidence.readings.machineStatus)?.stage;
  if (stage !== undefined && stage !== 'maintenance') return undefined;
  const disk = diskFacts(evidence, facts.inventory);
  const seen = {
    disk,
    state: stateThere(disk, facts.inventory),
    proof: facts.inventory && compareIdentity(facts.inventory.identity, observedIdentity(evidence)),
    membership: membershipOf(evidence, facts.inventory),
    log: lateDiskLog(evidence, readValue(evidence.readings.systemDisk)?.diskId ?? disk.systemDisk?.id),
    reset: resetSinceSeen(facts, evidence.node),
  };
  const [code, sure] = judge(seen, hasOtherVersion(evidence, facts));
  return { ...seen, code, confidence: seen.proof?.verdict === 'unproven' ? 'possible' : sure };
}

type Seen = Omit<MaintenanceCase, 'code' | 'confidence'>;
type Verdict = readonly [MaintenanceCode | undefined, Confidence];

function judge(seen: Seen, isOtherVersion: boolean): Verdict {
  const { disk, state, proof, reset } = seen;
  const isEmpty = disk.partitions !== undefined && disk.labels.length === 0 && (disk.disks?.length ?? 0) > 0;
  // other hardware with nothing on it was put there to become the node: new, rather than a stranger
  if (proof?.verdict === 'different' && isEmpty) return ['fresh_machine', 'certain'];
  if (proof?.verdict === 'different') {
    // whether it is empty shows only where both its disks and what is on them were read
    const isInstalled = disk.labels.length > 0;
    return ['foreign_machine_in_maintenance', isInstalled && proof.agreeing.length === 0 ? 'certain' : 'likely'];
  }
  if (disk.stateVolume?.phase === 'failed') return [undefined, 'possible'];
  if (state.is === 'the known one' || state.is === 'probably the known one') return raceVerdict(seen, isOtherVersion);
  if (disk.partitions === undefined || state.is === 'unknown' || state.is === 'another one')
    return [undefined, 'possible'];
  if (disk.labels.length === 0) {
    if (disk.isSystemDiskThere === 'no') return ['system_disk_missing', 'certain'];
    if (disk.disks !== undefined && disk.disks.length === 0) return ['system_disk_missing', 'likely'];
    if (reset !== undefined) return ['reset_on_purpose', 'likely'];
    return ['fresh_machine', disk.isSystemDiskThere === 'yes' ? 'certain' : 'likely'];
  }
  // Partitions on other disks tell nothing about what was on the one that is away.
  if (disk.isSystemDiskThere === 'no') return ['system_disk_missing', 'likely'];
  if (state.is === 'empty') return ['state_missing', 'likely'];
  return lostVerdict(seen);
}

/** STATE is back. That the disk came too late is proven by the log only; without it, it is what is left over. */
function raceVerdict({ state, proof, log, disk }: Seen, isOtherVersion: boolean): Verdict {
  if (proof === undefined || log.order === 'disk came first') return ['state_not_found_in_time', 'possible'];
  const isProven =
    state.is === 'the known one' && log.order === 'disk came later' && isFound(disk.stateVolume) && !isOtherVersion;
  return ['state_not_found_in_time', isProven ? 'certain' : 'likely'];
}

/** STATE is gone while the disk still carries Talos. A reset takes EPHEMERAL along and leaves etcd; damage does neither. */
function lostVerdict({ disk, membership, reset, proof }: Seen): Verdict {
  const hasEphemeral = disk.labels.includes('EPHEMERAL');
  const hasLeft = membership.inEtcd === 'no';
  if (reset !== undefined || (hasLeft && !hasEphemeral)) return ['reset_on_purpose', proof ? 'certain' : 'possible'];
  if (!hasEphemeral || hasLeft) return ['reset_on_purpose', proof ? 'likely' : 'possible'];
  const isStillMember = membership.inEtcd === 'yes' || membership.inDiscovery === 'yes';
  return ['state_missing', disk.isSystemDiskThere === 'yes' && isStillMember ? 'certain' : 'likely'];
}

const RESET: ActionName = 'reset_state_and_ephemeral';

/** A reset on record, after which the node was not seen running. */
function resetSinceSeen({ ordered, inventory }: Facts, node: string): MaintenanceCase['reset'] {
  const seenAtMs = inventory === undefined ? 0 : Date.parse(inventory.seenAt);
  return ordered.find(
    ({ node: about, action, at }) => about === node && action === RESET && Date.parse(at) >= seenAtMs,
  );
}

/** Another boot slot is another story, so that the race is no longer the only explanation (siderolabs/talos#9088). */
function hasOtherVersion({ readings }: Evidence, { inventory }: Facts): boolean {
  const tag = readValue(readings.version)?.tag;
  return tag !== undefined && inventory?.version !== undefined && tag !== inventory.version;
}
