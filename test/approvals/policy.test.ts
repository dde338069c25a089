import { describe, expect, test } from 'vitest';
import { actionTraits } from '../../lib/actions/traits.ts';
import { hashPlan, parsePlan } from '../../lib/approvals/hash-plan.ts';
import {
  approvalsNeeded,
  approvalsOf,
  isSelfApproved,
  mayDecide,
  type Person,
  selfApprovalText,
  waitBeforeStart,
  whoCan,
} from '../../lib/approvals/policy.ts';
import { ClusterConfig } from '../../lib/config/config.ts';
import { planOf } from '../incidents/events.ts';

const cluster = ClusterConfig.parse({
  name: 'attic',
  channel: 'C1',
  bindings: [
    { users: ['UADMIN'], role: 'admin' },
    { users: ['UOP', 'UADMIN'], role: 'operator' },
  ],
});
const person = (change: Partial<Person> = {}): Person => {
  return { id: 'UADMIN', name: 'a', teamId: 'T1', isBot: false, isGuest: false, isDeactivated: false, ...change };
};

describe('who may decide', () => {
  test('an admin everything, an operator what an operator does', () => {
    expect(mayDecide(person(), 'T1', cluster, 'admin')).toBeUndefined();
    expect(mayDecide(person(), 'T1', cluster, 'operator')).toBeUndefined();
    expect(mayDecide(person({ id: 'UOP' }), 'T1', cluster, 'operator')).toBeUndefined();
    expect(mayDecide(person({ id: 'UOP' }), 'T1', cluster, 'admin')).toBe(
      'You have no admin role in attic. Who can: <@UADMIN>.',
    );
  });

  test.for([
    { change: { isBot: true }, says: 'Bots' },
    { change: { isGuest: true }, says: 'Guests' },
    { change: { isDeactivated: true }, says: 'deactivated' },
    { change: { teamId: 'T2' }, says: 'another Slack workspace' },
    { change: { teamId: '' }, says: 'another Slack workspace' },
    { change: { id: 'UVIEWER' }, says: 'no operator role' },
    { change: { id: '' }, says: 'no operator role' },
  ])('$change is told no, why, and who can', ({ change, says }) => {
    const because = mayDecide(person(change), 'T1', cluster, 'operator');
    expect(because).toContain(says);
    expect(because).toContain('<@UADMIN>, <@UOP>');
  });

  test('nobody decides where nothing is bound, and it is said', () => {
    const empty = { ...cluster, bindings: [] };
    expect(mayDecide(person(), 'T1', empty, 'admin')).toContain('no binding gives the role');
    expect(whoCan(empty, 'admin')).toBe('Nobody can: no binding gives the role.');
  });

  test('of many people fifteen are named and the others counted', () => {
    const users = Array.from({ length: 40 }, (_, n) => `U${n}`);
    const many = { ...cluster, bindings: [{ users, role: 'admin' as const }] };
    expect(whoCan(many, 'admin')).toMatch(/^Who can: <@U0>, .{0,120}<@U14> and 25 more\.$/);
  });
});

describe('how many must say yes', () => {
  test('two for R3, and what the table of the action says for the others', () => {
    expect(approvalsNeeded(actionTraits.restore_config, 'worker', cluster)).toBe(2);
    expect(approvalsNeeded(actionTraits.restore_config, 'controlplane', cluster)).toBe(2);
    expect(approvalsNeeded(actionTraits.reboot, 'worker', cluster)).toBe(1);
    expect(approvalsNeeded(actionTraits.reboot, 'controlplane', cluster)).toBe(1);
  });

  test('what destroys never needs fewer than two, what is milder never none, whatever its table says', () => {
    const none = { ...actionTraits.reboot, approvals: { worker: 0, controlplane: 0 } };
    expect(approvalsNeeded({ ...none, risk: 'R3' }, 'worker', cluster)).toBe(2);
    expect(approvalsNeeded({ ...none, risk: 'R2' }, 'worker', cluster)).toBe(1);
  });
});

describe('selfApproval', () => {
  const home = { ...cluster, selfApproval: true };

  test('caps every count at one, and only where it is set', () => {
    for (const traits of Object.values(actionTraits)) {
      expect(approvalsNeeded(traits, 'controlplane', home)).toBe(1);
    }
    expect(approvalsNeeded(actionTraits.upgrade, 'controlplane', cluster)).toBe(2);
  });

  test('a plan that was frozen for two keeps its two, one that was frozen for one gets what policy says today', () => {
    const { reset_ephemeral } = actionTraits;
    expect(approvalsOf({ approvalsNeeded: 2, role: 'worker' }, reset_ephemeral, home)).toBe(2);
    expect(approvalsOf({ approvalsNeeded: 1, role: 'worker' }, reset_ephemeral, home)).toBe(1);
    expect(approvalsOf({ approvalsNeeded: 1, role: 'worker' }, reset_ephemeral, cluster)).toBe(2);
  });

  test('what needs one person anyway is not called self-approved', () => {
    expect(isSelfApproved(1, actionTraits.reboot, 'controlplane')).toBe(false);
    expect(isSelfApproved(1, actionTraits.upgrade, 'worker')).toBe(false);
    expect(isSelfApproved(1, actionTraits.upgrade, 'controlplane')).toBe(true);
    expect(isSelfApproved(1, actionTraits.reset_ephemeral, 'worker')).toBe(true);
    expect(isSelfApproved(2, actionTraits.reset_ephemeral, 'worker')).toBe(false);
  });

  test('one person who destroys waits 60 s; two do not, and what is milder starts at once', () => {
    expect(waitBeforeStart(1, actionTraits.reset_ephemeral, 'worker')).toBe(60_000);
    expect(waitBeforeStart(2, actionTraits.reset_ephemeral, 'worker')).toBe(0);
    expect(waitBeforeStart(1, actionTraits.upgrade, 'controlplane')).toBe(0);
  });

  test('the plan says what stands in for the others', () => {
    expect(selfApprovalText(1, actionTraits.reset_ephemeral, 'worker')).toBe(
      'one yes is enough here instead of 2 (selfApproval). It starts 60 s after it; until then everyone who may decide can cancel it.',
    );
    expect(selfApprovalText(1, actionTraits.upgrade, 'controlplane')).toBe(
      'one yes is enough here instead of 2 (selfApproval).',
    );
    expect(selfApprovalText(1, actionTraits.reboot, 'worker')).toBeUndefined();
  });
});

describe('a frozen plan', () => {
  const hash = hashPlan(planOf());

  test('keeps its hash through storage, in any order of keys', () => {
    const backwards = Object.fromEntries(Object.entries(planOf()).toReversed());
    expect(parsePlan(JSON.stringify(backwards), hash)).toEqual(planOf());
  });

  test('has another hash as soon as anything that people are told or that is sent differs', () => {
    const changes = [
      { address: '10.0.0.2' },
      { node: 'cp-2' },
      { digest: 'digest-2' },
      { approvalsNeeded: 1 },
      { expiresAt: '2026-03-02T12:30:00.000Z' },
      { proof: [] },
      { consequences: ['It boots. '] },
      { steps: planOf().steps.slice(1) },
      { steps: planOf().steps.map((step) => ({ ...step, request: { ...step.request, mode: 'REBOOT' } })) },
    ];
    const hashes = changes.map((change) => hashPlan(planOf(change)));
    expect(new Set([hash, ...hashes]).size).toBe(changes.length + 1);
    for (const change of changes) expect(parsePlan(JSON.stringify(planOf(change)), hash)).toBeUndefined();
  });

  test.for(['', '{', 'null', '[]', '{}', JSON.stringify({ ...planOf(), risk: 'R0' })])(
    'that is stored as %j is no plan, and nobody trips over it',
    (body) => {
      expect(parsePlan(body, hash)).toBeUndefined();
    },
  );
});
