import { expect, test } from 'vitest';
import { ordersOf } from '../../lib/flow/ordered.ts';
import type { PlanState, StepState } from '../../lib/incidents/state.ts';

const step = (method: string, status: StepState['status'], intendedAt?: string): StepState => ({
  n: 1,
  method,
  status,
  attempt: 1,
  intendedAt,
  deadlineAt: undefined,
  talosActorId: undefined,
  because: '',
});
const plan = (id: string, action: PlanState['action'], steps: readonly StepState[]): PlanState => ({
  id,
  action,
  parameters: {},
  about: '',
  identity: 'operator',
  status: 'verified',
  requestedAt: '2026-03-01T11:00:00.000Z',
  requestedBy: { id: 'U1', name: 'ada' },
  externalId: '',
  modalShows: '',
  hash: '',
  digest: '',
  boot: '',
  risk: 'R2',
  expiresAt: '',
  approvalsNeeded: 1,
  approvals: [],
  reason: '',
  because: '',
  steps,
  progress: '',
  startedAt: undefined,
  verification: undefined,
  verdict: undefined,
  endedAt: undefined,
  holdsLease: false,
});

test('what may have arrived at the node counts as ordered, newest first; what only read or is still to come does not', () => {
  const early = '2026-03-01T11:10:00.000Z';
  const late = '2026-03-01T11:40:00.000Z';
  const plans = {
    a: plan('a', 'reboot', [step('collect_evidence', 'done', early), step('Reboot', 'done', early)]),
    b: plan('b', 'rollback', [step('Rollback', 'unknown', late)]),
    c: plan('c', 'upgrade', [step('collect_evidence', 'done', late), step('Upgrade', 'pending')]),
    d: plan('d', 'reboot', [step('Reboot', 'refused', late)]),
    // proven not to have arrived, so it is to be sent again
    e: plan('e', 'reboot', [step('Reboot', 'pending', late)]),
  };
  expect(ordersOf({ node: 'w-2', plans })).toEqual([
    { node: 'w-2', action: 'rollback', at: late, by: 'ada' },
    { node: 'w-2', action: 'reboot', at: early, by: 'ada' },
  ]);
});
