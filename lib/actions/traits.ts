import type { ActionName } from '../approvals/action-name.ts';
import type { GateName } from '../safety/gate.ts';
import type { ActionTraits } from './action.ts';

const MINUTE = 60_000;

/** What is asked of every action. */
const ALWAYS = ['playbook_stage', 'stage', 'proven_target', 'freshness', 'version', 'role', 'one_at_a_time'] as const;
const gates = (...more: readonly GateName[]): readonly GateName[] => [...ALWAYS, ...more];

const R1 = { risk: 'R1', typedName: 'not_required', expiresAfterMs: 15 * MINUTE } as const;
const R2 = { risk: 'R2', typedName: 'not_required', expiresAfterMs: 15 * MINUTE } as const;
const R3 = { risk: 'R3', typedName: 'required', expiresAfterMs: 30 * MINUTE } as const;
const ONE = { worker: 1, controlplane: 1 } as const;
const TWO = { worker: 2, controlplane: 2 } as const;
const ONE_OR_TWO = { worker: 1, controlplane: 2 } as const;

/** One row per action. */
export const actionTraits: Readonly<Record<ActionName, ActionTraits>> = {
  restart_service: {
    ...R1,
    name: 'restart_service',
    identity: 'operator',
    approvals: ONE,
    gates: gates(),
    verifyWithinMs: 5 * MINUTE,
  },
  reboot: {
    ...R2,
    name: 'reboot',
    identity: 'operator',
    approvals: ONE,
    gates: gates('quorum'),
    verifyWithinMs: 15 * MINUTE,
  },
  apply_config: {
    ...R2,
    name: 'apply_config',
    identity: 'admin',
    approvals: ONE_OR_TWO,
    gates: gates('quorum'),
    verifyWithinMs: 15 * MINUTE,
  },
  restore_config: {
    ...R3,
    name: 'restore_config',
    identity: 'admin',
    approvals: TWO,
    gates: gates('stored_config', 'quorum'),
    verifyWithinMs: 15 * MINUTE,
  },
  upgrade: {
    ...R2,
    name: 'upgrade',
    identity: 'admin',
    approvals: ONE_OR_TWO,
    gates: gates('quorum'),
    verifyWithinMs: 30 * MINUTE,
  },
  rollback: {
    ...R2,
    name: 'rollback',
    identity: 'admin',
    approvals: ONE_OR_TWO,
    gates: gates('quorum'),
    verifyWithinMs: 15 * MINUTE,
  },
  defragment_etcd: {
    ...R1,
    name: 'defragment_etcd',
    identity: 'operator',
    approvals: ONE_OR_TWO,
    gates: gates('quorum'),
    verifyWithinMs: 5 * MINUTE,
  },
  disarm_etcd_alarm: {
    ...R1,
    name: 'disarm_etcd_alarm',
    identity: 'operator',
    approvals: ONE_OR_TWO,
    gates: gates(),
    verifyWithinMs: 5 * MINUTE,
  },
  forfeit_etcd_leadership: {
    ...R1,
    name: 'forfeit_etcd_leadership',
    identity: 'admin',
    approvals: ONE_OR_TWO,
    gates: gates('quorum'),
    verifyWithinMs: 5 * MINUTE,
  },
  remove_etcd_member: {
    ...R3,
    name: 'remove_etcd_member',
    identity: 'admin',
    approvals: TWO,
    gates: gates('quorum'),
    verifyWithinMs: 5 * MINUTE,
  },
  reset_ephemeral: {
    ...R3,
    name: 'reset_ephemeral',
    identity: 'admin',
    approvals: TWO,
    gates: gates('quorum'),
    verifyWithinMs: 30 * MINUTE,
  },
  reset_state_and_ephemeral: {
    ...R3,
    name: 'reset_state_and_ephemeral',
    identity: 'admin',
    approvals: TWO,
    gates: gates('stored_config', 'quorum'),
    verifyWithinMs: 30 * MINUTE,
  },
};
