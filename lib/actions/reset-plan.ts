import * as z from 'zod';
import type { Parameters } from '../approvals/action-name.ts';
import type { Step } from '../approvals/plan.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { err, ok, type Result } from '../result.ts';
import { localData, localDataLines } from '../safety/local-data.ts';
import type { Draft, PlanContext } from './action.ts';
import { etcdDetails, isEtcdMember } from './etcd-details.ts';
import { snapshotDetail } from './etcd-snapshot.ts';
import type { ResetName } from './reset.ts';
import { keepEvidence, numbered } from './steps.ts';
import type { StoredConfigInfo } from './stored-config.ts';

const MINUTE = 60_000;
/** The reply only says that the sequence was asked for. */
const CALL_MS = 10_000;
/** Stopping everything, leaving etcd (5 min at most), wiping, and a boot. */
const MAINTENANCE_WITHIN_MS = 20 * MINUTE;
const APPLY_MS = 10_000;

/** `graceful`: it drains and leaves etcd first, and does not wipe when it cannot leave. */
const ResetParameters = z.strictObject({ graceful: z.enum(['yes', 'no']).default('yes') });
export type ResetWanted = z.infer<typeof ResetParameters>;

export function parseReset(parameters: Parameters): Result<ResetWanted, string> {
  const parsed = ResetParameters.safeParse(parameters);
  return parsed.success ? ok(parsed.data) : err('A reset is graceful or not: yes or no.');
}

/** The partitions that go, by what is on them now: afterwards they are other ones. */
export const partitionOf = ({ readings }: Evidence, label: 'STATE' | 'EPHEMERAL'): string | undefined =>
  readValue(readings.discoveredVolumes)?.find(({ partitionLabel }) => partitionLabel === label)?.partitionUuid;

export function resetDraft(
  context: PlanContext,
  name: ResetName,
  { graceful }: ResetWanted,
  snapshot: Step | undefined,
  stored: StoredConfigInfo | undefined,
): Draft {
  const { evidence, entry } = context;
  const isState = name === 'reset_state_and_ephemeral';
  const isControlPlane = entry.role === 'controlplane';
  const local = localData(evidence);
  const member = isEtcdMember(evidence) === 'no' ? 'removed' : 'counted';
  const tag = readValue(evidence.readings.version)?.tag ?? entry.version ?? 'not known';
  return {
    steps: numbered([
      keepEvidence(),
      ...(snapshot === undefined ? [] : [snapshot]),
      resetStep(evidence, isState, graceful),
      ...(stored === undefined || isControlPlane ? [] : [inMaintenance]),
      ...(stored === undefined || isControlPlane ? [] : [apply(stored)]),
    ]),
    consequences: [
      `${entry.name} (${isControlPlane ? 'control plane' : 'worker'}) stops, ${isState ? 'STATE and EPHEMERAL are' : 'EPHEMERAL is'} erased, and it boots again; it is away for minutes.`,
      isState
        ? 'Erased: its machine config and its identity. The other machines see a new node of the same name.'
        : 'Stays: its machine config and its identity. It joins again by itself.',
      `Stays: Talos ${tag} with its extensions and kernel arguments. A reset repairs no image.`,
      isControlPlane ? HOW_ETCD[graceful][member] : HOW_WORKER[graceful],
      ...(isState ? [afterwards(isControlPlane)] : []),
      // last: however many there are, the window cuts none of the lines above
      ...(local.known === 'yes' ? localDataLines(local.volumes) : []),
    ],
    details: [
      { label: 'Erased', text: isState ? 'STATE, EPHEMERAL' : 'EPHEMERAL' },
      ...(snapshot === undefined ? [] : [snapshotDetail(snapshot, entry.name)]),
      ...etcdDetails(evidence, entry),
      ...(isControlPlane ? [{ label: 'etcd afterwards', text: etcdAfterwards(isState, graceful, member) }] : []),
      ...(stored === undefined ? [] : [{ label: 'Stored config', text: `${stored.source}, taken ${stored.takenAt}` }]),
    ],
  };
}

const HOW_WORKER = { yes: 'It is drained first.', no: 'Nothing is drained.' } as const;

/** `removed`: the others do not count its member any more. */
const HOW_ETCD = {
  yes: {
    counted: 'It is drained and leaves etcd first; when it cannot leave, it reboots and nothing is erased.',
    removed: 'It is drained first; when Talos cannot end its etcd membership, it reboots and nothing is erased.',
  },
  no: {
    counted:
      'Nothing is drained, and its etcd member stays behind dead: it has to be removed before it can join again.',
    removed: 'Nothing is drained. The others have removed its etcd member already, so none stays behind.',
  },
} as const;

function etcdAfterwards(isState: boolean, graceful: 'yes' | 'no', member: 'counted' | 'removed'): string {
  if (graceful === 'no' && member === 'counted') return 'its dead member counts against the quorum until it is removed';
  return isState
    ? 'no member of it until its config is restored'
    : 'it joins as a new member, with the data of the others';
}

const afterwards = (isControlPlane: boolean): string =>
  isControlPlane
    ? 'It then waits in maintenance mode: its config is restored by a plan of its own, because somebody has to read the key of that boot from its console.'
    : 'It then waits in maintenance mode and gets its stored config.';

const resetStep = (evidence: Evidence, isState: boolean, graceful: 'yes' | 'no'): Omit<Step, 'n'> => ({
  method: 'Reset',
  request: {
    labels: isState ? 'STATE EPHEMERAL' : 'EPHEMERAL',
    wipe: 'true',
    graceful,
    reboot: 'true',
    ephemeralUuid: partitionOf(evidence, 'EPHEMERAL') ?? '',
    stateUuid: partitionOf(evidence, 'STATE') ?? '',
  },
  probe: 'Another boot, stage resetting, or a reset sequence in the event log shows that it arrived.',
  deadlineMs: CALL_MS,
});

const inMaintenance: Omit<Step, 'n'> = {
  method: 'wait_until',
  request: { until: 'it is in maintenance mode, with STATE erased' },
  probe: 'The same machine answers in maintenance mode, in another boot.',
  deadlineMs: MAINTENANCE_WITHIN_MS,
};

const apply = ({ id, sha256 }: StoredConfigInfo): Omit<Step, 'n'> => ({
  method: 'ApplyConfiguration',
  request: { mode: 'AUTO', configVersion: id, configSha256: sha256, bootOfStep: 2 },
  probe: "The node leaves maintenance mode, or answers under the cluster's certificate.",
  boot: 'later',
  gatesOf: 'restore_config',
  deadlineMs: APPLY_MS,
});
