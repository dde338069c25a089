import { expect, test } from 'vitest';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import { BOOT_S, ok } from '../playbooks/build-evidence.ts';
import { count, misnamed, silent, staged, waiting, well } from './stage.ts';

/** Plans that are void, expired or have to wait send nothing. */
const { world, becomes, awaiting, approve, rebootReady, confirm, untilVerdict } = staged();

test.for([
  { why: 'the node shows another key', evidence: { ...waiting, reach: otherKey(waiting) } },
  { why: 'the node does not answer any more', evidence: silent },
  { why: 'the node runs again', evidence: well },
])('$why: the approved plan is voided and nothing is sent', async ({ evidence }) => {
  const { id, planId } = await awaiting();
  await approve(id, planId);
  world().talos.evidence = evidence;
  await world().drain(id);
  expect((await world().plan(id, planId)).status).toBe('voided');
  expect(world().talos.calls).toEqual([]);
  expect(await world().lease()).toBeUndefined();
});

test('a node that has rebooted since voids the plan of its reboot', async () => {
  const { id, planId } = await rebootReady();
  await confirm(id, planId);
  world().talos.evidence = {
    ...misnamed,
    readings: { ...misnamed.readings, systemStat: ok({ bootTimeS: BOOT_S + 90 }) },
  };
  await world().drain(id);
  expect((await world().plan(id, planId)).status).toBe('voided');
  expect(world().talos.calls).toEqual([]);
});

test('nobody decides on an expired plan, and an approved one that has expired is not carried out', async () => {
  const { id, planId } = await awaiting();
  world().forward(31 * 60_000);
  expect(await approve(id, planId)).toMatchObject({ ok: false });
  await world().drain(id);
  expect((await world().plan(id, planId)).status).toBe('expired');
  expect(count(await world().types(id), 'person_refused')).toBe(1);

  const second = await rebootReadyOf(id);
  await confirm(id, second);
  world().forward(16 * 60_000);
  await world().step(id, 'act', second); // not the sweep: acting alone must end it
  expect((await world().plan(id, second)).status).toBe('expired');
  expect(world().talos.calls).toEqual([]);
});

async function rebootReadyOf(id: string): Promise<string> {
  world().talos.evidence = misnamed;
  await world().desk.diagnoseAgain(id, world().by('UOP'));
  await world().drain(id);
  return world().requested(id, 'reboot', 'UOP');
}

const LAST_STARTED = { pk: 'LEASE#test', sk: 'LAST_STARTED' };
/** A plan for another node of the cluster began, and is over. */
const anotherBegan = () =>
  world().store.write({ do: 'put', key: LAST_STARTED, attributes: { planId: world().deps.newId() } });

test('a plan that was made before another one of the cluster began is void: nobody can approve it', async () => {
  const { id, planId } = await awaiting();
  await anotherBegan();
  const because = 'Another action has begun in this cluster since the plan was made; ask for a new one.';
  expect(await approve(id, planId)).toEqual({ ok: false, error: { because } });
  expect(await world().desk.review(id, planId, world().by('UAPPROVER'))).toMatchObject({
    value: { may: 'read', because },
  });
  expect(count(await world().types(id), 'person_refused')).toBe(1);
  expect(count(await world().types(id), 'approval_given')).toBe(0);
});

test('an approved plan is void when another one of the cluster begins before it', async () => {
  const { id, planId } = await awaiting();
  await approve(id, planId);
  await anotherBegan();
  await world().drain(id);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'voided', holdsLease: false });
  expect(world().talos.calls).toEqual([]);
});

test("an approved plan waits for the end of another plan's dry run, and is carried out then", async () => {
  const { id, planId } = await awaiting();
  const key = { pk: 'LEASE#test', sk: 'LEASE' };
  const attributes = { planId: 'plan-other', action: 'a dry run', isDryRun: 'yes', node: 'cp-2', incident: 'other' };
  await world().store.write({ do: 'put', key, attributes });
  expect(await approve(id, planId)).toEqual({ ok: true, value: undefined });
  await expect(world().step(id, 'act', planId)).rejects.toThrow('a dry run on cp-2 ends first');
  expect((await world().plan(id, planId)).status).toBe('approved');
  await world().store.write({ do: 'delete', key });
  world().talos.onCall = becomes(well);
  await untilVerdict(id, planId);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified' });
  expect(world().talos.calls).toEqual(['apply']);
});

test('a frozen plan that was changed in the table is not carried out', async () => {
  const { id, planId } = await awaiting();
  await approve(id, planId);
  const key = { pk: `PLAN#${planId}`, sk: 'PLAN' };
  const item = await world().store.get(key);
  const body = String(item?.attributes['body']).replace('10.0.0.1', '10.0.0.2');
  await world().store.write({ do: 'put', key, attributes: { ...item?.attributes, body } });
  await world().drain(id);
  expect((await world().plan(id, planId)).status).toBe('voided');
  expect(world().talos.calls).toEqual([]);
});

test('a yes of somebody who has lost the role meanwhile does not count', async () => {
  const { id, planId } = await awaiting();
  await approve(id, planId);
  const [cluster] = world().deps.config.clusters;
  cluster?.bindings.splice(0, 1, { users: ['UREQUESTER'], role: 'admin' });
  await world().drain(id);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'voided' });
  expect(world().talos.calls).toEqual([]);
});

test('a plan is not frozen in an incident that was closed meanwhile', async () => {
  world().talos.evidence = misnamed;
  const id = await world().open();
  const asked = await world().desk.requestPlan(id, 'reboot', world().by('UOP'));
  expect(await world().desk.close(id, world().by('UREQUESTER'), 'no reboot now')).toMatchObject({ ok: true });
  await world().drain(id);
  const planId = asked.ok ? asked.value.planId : '';
  expect(await world().plan(id, planId)).toMatchObject({ status: 'refused', holdsLease: false });
  expect(await confirm(id, planId)).toMatchObject({ ok: false });
});

function otherKey({ reach }: Evidence): Evidence['reach'] {
  return reach.certificate ? { ...reach, certificate: { ...reach.certificate, spki: 'YW5vdGhlcg==' } } : reach;
}
