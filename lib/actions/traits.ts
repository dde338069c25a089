import type { ActionName } from '../approvals/action-name.ts';
import type { GateName } from '../safety/gate.ts';
import type { ActionTraits } from './action.ts';

const MINUTE = 60_000;

/** Gates of whatever changes a node. The first that refuses is the one that people read. */
const always: readonly GateName[] = [
  'playbook_stage',
  'freeze',
  'stage',
  'proven_target',
  'freshness',
  'version',
  'role',
  'one_at_a_time',
  'another_actor',
  'storm',
  'repeat_limit',
  'change_window',
];
/** A voter is taken away, for a while or for good: `stops` is `node` or `etcd`, or a member is removed. */
const whenAVoterGoes: readonly GateName[] = ['quorum'];
/** `stops` is `node`. */
const whenSomethingStops: readonly GateName[] = [...whenAVoterGoes, 'one_control_plane', 'min_healthy'];
/** What ails etcd as a whole gives every control plane an incident: neither a storm nor the others' incidents speak against a cure. */
const curesEtcd: readonly GateName[] = always.filter((gate) => gate !== 'storm');
/** Something is erased that may be somebody's. */
const whenSomethingIsErased: readonly GateName[] = ['local_data'];
/** A stored config is sent now, or will be needed because STATE is wiped. */
const whenConfigIsSent: readonly GateName[] = ['stored_config'];

const MILD = { risk: 'R1', typedName: 'not_required', expiresAfterMs: 15 * MINUTE } as const;
const DISRUPTIVE = { risk: 'R2', typedName: 'not_required', expiresAfterMs: 15 * MINUTE } as const;
const DESTRUCTIVE = { risk: 'R3', typedName: 'required', expiresAfterMs: 30 * MINUTE } as const;
const ON_A_RUNNING_NODE = { startsIn: 'running', wipes: [], calls: 'node' } as const;
const ONE = { worker: 1, controlplane: 1 } as const;
const ONE_OR_TWO = { worker: 1, controlplane: 2 } as const;
const TWO = { worker: 2, controlplane: 2 } as const;

/** One row per action. */
export const actionTraits: Readonly<Record<ActionName, ActionTraits>> = {
  restart_service: {
    ...MILD,
    ...ON_A_RUNNING_NODE,
    name: 'restart_service',
    identity: 'operator',
    approvals: ONE,
    stops: 'service',
    gates: always,
    verifyWithinMs: 5 * MINUTE,
  },
  reboot: {
    ...DISRUPTIVE,
    ...ON_A_RUNNING_NODE,
    name: 'reboot',
    identity: 'operator',
    approvals: ONE,
    stops: 'node',
    gates: [...always, ...whenSomethingStops],
    verifyWithinMs: 15 * MINUTE,
  },
  apply_config: {
    ...DISRUPTIVE,
    ...ON_A_RUNNING_NODE,
    name: 'apply_config',
    identity: 'admin',
    approvals: ONE_OR_TWO,
    stops: 'node',
    gates: [...always, ...whenSomethingStops],
    verifyWithinMs: 15 * MINUTE,
  },
  restore_config: {
    ...DESTRUCTIVE,
    name: 'restore_config',
    identity: 'admin',
    approvals: TWO,
    startsIn: 'maintenance',
    stops: 'nothing',
    wipes: [],
    calls: 'node',
    gates: [...always, ...whenConfigIsSent],
    verifyWithinMs: 15 * MINUTE,
  },
  upgrade: {
    ...DISRUPTIVE,
    ...ON_A_RUNNING_NODE,
    name: 'upgrade',
    identity: 'admin',
    approvals: ONE_OR_TWO,
    stops: 'node',
    gates: [...always, ...whenSomethingStops],
    verifyWithinMs: 30 * MINUTE,
  },
  rollback: {
    ...DISRUPTIVE,
    ...ON_A_RUNNING_NODE,
    name: 'rollback',
    identity: 'admin',
    approvals: ONE_OR_TWO,
    stops: 'node',
    gates: [...always, ...whenSomethingStops],
    verifyWithinMs: 15 * MINUTE,
  },
  defragment_etcd: {
    ...MILD,
    ...ON_A_RUNNING_NODE,
    name: 'defragment_etcd',
    identity: 'operator',
    approvals: ONE_OR_TWO,
    stops: 'etcd',
    gates: [...curesEtcd, ...whenAVoterGoes],
    verifyWithinMs: 5 * MINUTE,
  },
  disarm_etcd_alarm: {
    ...MILD,
    ...ON_A_RUNNING_NODE,
    name: 'disarm_etcd_alarm',
    identity: 'operator',
    approvals: ONE_OR_TWO,
    stops: 'nothing',
    gates: curesEtcd,
    verifyWithinMs: 5 * MINUTE,
  },
  forfeit_etcd_leadership: {
    ...MILD,
    ...ON_A_RUNNING_NODE,
    name: 'forfeit_etcd_leadership',
    identity: 'admin',
    approvals: ONE_OR_TWO,
    stops: 'nothing',
    gates: always,
    verifyWithinMs: 5 * MINUTE,
  },
  remove_etcd_member: {
    ...DESTRUCTIVE,
    name: 'remove_etcd_member',
    identity: 'admin',
    approvals: TWO,
    startsIn: 'running',
    stops: 'nothing',
    wipes: [],
    calls: 'peer',
    gates: [...always, ...whenAVoterGoes],
    verifyWithinMs: 5 * MINUTE,
  },
  reset_ephemeral: {
    ...DESTRUCTIVE,
    name: 'reset_ephemeral',
    identity: 'admin',
    approvals: TWO,
    startsIn: 'running',
    stops: 'node',
    wipes: ['EPHEMERAL'],
    calls: 'node',
    gates: [...always, ...whenSomethingStops, ...whenSomethingIsErased],
    verifyWithinMs: 30 * MINUTE,
  },
  reset_state_and_ephemeral: {
    ...DESTRUCTIVE,
    name: 'reset_state_and_ephemeral',
    identity: 'admin',
    approvals: TWO,
    startsIn: 'running',
    stops: 'node',
    wipes: ['STATE', 'EPHEMERAL'],
    calls: 'node',
    gates: [...always, ...whenConfigIsSent, ...whenSomethingStops, ...whenSomethingIsErased],
    verifyWithinMs: 30 * MINUTE,
  },
};
