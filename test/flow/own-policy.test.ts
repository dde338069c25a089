import { expect, test } from 'vitest';
import { hashPlan } from '../../lib/approvals/hash-plan.ts';
import { Plan } from '../../lib/approvals/plan.ts';
import { approvalKey } from '../../lib/flow/keys.ts';
import { medic } from '../../lib/incidents/actor.ts';
import type { NewEvent } from '../../lib/incidents/event.ts';
import { incidentKind, incidentStream } from '../../lib/incidents/stream.ts';
import { staged, waiting, well } from './stage.ts';

const { world, becomes } = staged();

/** A plan whose record and stored form agree, written by somebody who may write the table but not decide. */
async function forged(change: Partial<Plan>): Promise<{ id: string; planId: string }> {
  world().talos.evidence = waiting;
  const honest = await world().open();
  const honestId = await world().requested(honest, 'restore_config');
  const item = await world().store.get({ pk: `PLAN#${honestId}`, sk: 'PLAN' });
  await world().desk.close(honest, world().by('UREQUESTER'), 'only its plan was wanted');
  const id = await world().open();
  const asked = await world().desk.requestPlan(id, 'restore_config', world().by('UREQUESTER'));
  const planId = asked.ok ? asked.value.planId : '';
  const whole = Plan.parse(JSON.parse(String(item?.attributes['body'])));
  const plan = { ...whole, id: planId, incident: id, ...change };
  const hash = hashPlan(plan);
  await world().store.change(incidentKind, incidentStream(id), (state) => {
    const base = { actor: medic, cluster: state?.cluster ?? '', node: state?.node ?? '', planHash: hash };
    const attributes = { body: JSON.stringify(plan), hash };
    const events: readonly NewEvent[] = [
      { ...base, type: 'plan_ready', data: { planId, plan, hash } },
      { ...base, type: 'plan_submitted', data: { planId, reason: 'forged' } },
      { ...base, type: 'plan_approved', data: { planId } },
    ];
    return {
      events,
      writes: [{ do: 'put', key: { pk: `PLAN#${planId}`, sk: 'PLAN' }, attributes }],
      result: undefined,
    };
  });
  for (const user of ['UREQUESTER', 'UOP']) {
    await world().store.write({ do: 'put', key: approvalKey(hash, user), attributes: { planId } });
  }
  world().talos.onCall = becomes(well);
  await world().drain(id);
  return { id, planId };
}

test.for([
  { change: { approvalsNeeded: 1 }, because: 'only 1 of 2 approvals', why: 'says that one person is enough' },
  { change: { approvalsNeeded: 1, identity: 'operator' as const }, because: 'only 1 of 2', why: 'names a lesser role' },
  {
    change: { action: 'reboot' as const, approvalsNeeded: 1 },
    because: 'not what was approved',
    why: 'does another thing',
  },
  { change: { node: 'cp-2' }, because: 'not what was approved', why: 'is about another node' },
])('a stored plan that $why is void, and nothing is sent', async ({ change, because }) => {
  const { id, planId } = await forged(change);
  const plan = await world().plan(id, planId);
  expect(plan.because).toContain(because);
  expect(plan).toMatchObject({ status: 'voided', holdsLease: false });
  expect(world().talos.calls).toEqual([]);
});
