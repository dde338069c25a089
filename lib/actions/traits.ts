import type { ActionName } from '../playbooks/finding.ts';
import type { GateName } from '../safety/gate.ts';
import type { ActionTraits } from './action.ts';

/** Whether it can be carried out today. */
export const isAction = (remedy: string): remedy is ActionName => Object.hasOwn(actionTraits, remedy);

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
/** `stops` is `node` or `etcd`. */
const whenSomethingStops: readonly GateName[] = [...whenAVoterGoes, 'one_control_plane', 'min_healthy'];
/** A stored config is sent now, or will be needed because STATE is wiped. */
const whenConfigIsSent: readonly GateName[] = ['stored_config'];

/** One row per action. */
export const actionTraits: Readonly<Record<ActionName, ActionTraits>> = {
  restore_config: {
    name: 'restore_config',
    title: 'Restore config',
    identity: 'admin',
    risk: 'R3',
    approvals: { worker: 2, controlplane: 2 },
    typedName: 'required',
    expiresAfterMs: 30 * MINUTE,
    startsIn: 'maintenance',
    stops: 'nothing',
    wipes: [],
    calls: 'node',
    gates: [...always, ...whenConfigIsSent],
    verifyWithinMs: 15 * MINUTE,
  },
  reboot: {
    name: 'reboot',
    title: 'Reboot',
    identity: 'operator',
    risk: 'R2',
    approvals: { worker: 1, controlplane: 1 },
    typedName: 'not_required',
    expiresAfterMs: 15 * MINUTE,
    startsIn: 'running',
    stops: 'node',
    wipes: [],
    calls: 'node',
    gates: [...always, ...whenSomethingStops],
    verifyWithinMs: 15 * MINUTE,
  },
};
