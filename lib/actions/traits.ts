import type { ActionName, Remedy } from '../playbooks/finding.ts';
import type { ActionTraits } from './action.ts';

/** Whether it can be carried out today. */
export const isAction = (remedy: Remedy): remedy is ActionName => Object.hasOwn(actionTraits, remedy);

const MINUTE = 60_000;

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
    gates: [
      'playbook_stage',
      'stage',
      'proven_target',
      'freshness',
      'version',
      'role',
      'stored_config',
      'one_at_a_time',
      'quorum',
    ],
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
    gates: ['playbook_stage', 'stage', 'proven_target', 'freshness', 'version', 'role', 'one_at_a_time', 'quorum'],
    verifyWithinMs: 15 * MINUTE,
  },
};
