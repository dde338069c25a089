import { expect, test } from 'vitest';
import { approvalKey } from '../../lib/flow/keys.ts';
import { count, staged, typed, waiting, well } from './stage.ts';

/** A cluster with one admin: what destroys is decided by one person, starts 60 s later, and can be stopped until then. */
const { world, becomes, confirm, approve, untilVerdict, chainHolds } = staged();

const clusterOfTest = () => {
  const cluster = world().deps.config.clusters.find(({ name }) => name === 'test');
  if (cluster === undefined) throw new Error('the cluster is not configured');
  return cluster;
};
async function ready(): Promise<{ id: string; planId: string }> {
  clusterOfTest().selfApproval = true;
  world().talos.evidence = waiting;
  world().talos.onCall = becomes(well);
  const id = await world().open();
  const planId = await world().requested(id, 'restore_config');
  expect(await world().plan(id, planId)).toMatchObject({ status: 'ready', because: '', approvalsNeeded: 1 });
  return { id, planId };
}
async function selfApproved(): Promise<{ id: string; planId: string }> {
  const { id, planId } = await ready();
  expect(await confirm(id, planId, 'UREQUESTER')).toEqual({ ok: true, value: undefined });
  return { id, planId };
}
const cardOf = (id: string) => JSON.stringify(world().slack.cards.find(({ incidentId }) => incidentId === id)?.card);

test('one yes, a wait of 60 s in which nothing is sent, then it is carried out; card and record say self-approved', async () => {
  const { id, planId } = await selfApproved();
  expect(await world().plan(id, planId)).toMatchObject({ status: 'approved' });
  world().forward(59_000);
  await world().drain(id);
  expect(world().talos.calls).toEqual([]);
  expect(cardOf(id)).toContain('is self-approved by requester');
  expect(cardOf(id)).toContain('cancel_start');
  world().forward(1_000);
  await untilVerdict(id, planId);
  expect(world().talos.calls).toEqual(['apply']);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified', holdsLease: false });
  expect(cardOf(id)).toContain('Self-approved by requester');
  const types = await world().types(id);
  expect(types.indexOf('self_approved')).toBeGreaterThan(types.indexOf('plan_submitted'));
  expect(world().slack.thread.join('\n')).toContain('Restore config self-approved by requester.');
  await chainHolds();
});

test.for([
  { change: { nodeName: '' }, field: 'nodeName' },
  { change: { reason: ' ' }, field: 'reason' },
  { change: { consoleFingerprint: 'AAAAAAAA' }, field: 'consoleFingerprint' },
])('the one person types all that two would have typed: $field', async ({ change, field }) => {
  const { id, planId } = await ready();
  const answer = await world().desk.submit(id, planId, world().by('UREQUESTER'), { ...typed, ...change });
  expect(answer).toMatchObject({ ok: false, field });
  expect(await world().plan(id, planId)).toMatchObject({ status: 'ready' });
});

test('whoever may decide cancels it in the meantime, and it never starts', async () => {
  const { id, planId } = await selfApproved();
  expect(await world().desk.cancelStart(id, planId, world().by('UAPPROVER'))).toEqual({ ok: true, value: undefined });
  world().forward(120_000);
  await world().drain(id);
  expect(world().talos.calls).toEqual([]);
  expect(await world().plan(id, planId)).toMatchObject({
    status: 'voided',
    because: 'approver cancelled it before it began.',
    holdsLease: false,
  });
  const voided = (await world().events(id)).find(({ type }) => type === 'plan_voided');
  expect(voided?.actor.id).toBe('UAPPROVER');
});

test.for(['UNOBODY', 'UOP', 'UGUEST', 'UGONE', 'UROBOT'])('%s cannot cancel it, and is told who can', async (user) => {
  const { id, planId } = await selfApproved();
  expect(await world().desk.cancelStart(id, planId, world().by(user))).toMatchObject({ ok: false });
  expect(await world().plan(id, planId)).toMatchObject({ status: 'approved' });
  expect(await world().types(id)).toContain('person_refused');
});

test('what has begun, and what nobody has approved, cannot be cancelled', async () => {
  const { id, planId } = await ready();
  const cancel = () => world().desk.cancelStart(id, planId, world().by('UAPPROVER'));
  expect(await cancel()).toMatchObject({ ok: false, error: { because: expect.stringContaining('is ready') } });
  await confirm(id, planId, 'UREQUESTER');
  world().forward(60_000);
  await untilVerdict(id, planId);
  expect(await cancel()).toMatchObject({ ok: false, error: { because: expect.stringContaining('is verified') } });
  expect(world().talos.calls).toEqual(['apply']);
});

test('the wait outlives a crash: whoever asks too early is sent away, and it starts once', async () => {
  const { id, planId } = await selfApproved();
  world().forward(30_000);
  await expect(world().step(id, 'act', planId)).rejects.toMatchObject({ name: 'TryAgain', delayMs: 30_000 });
  world().forward(30_000);
  await Promise.allSettled([world().step(id, 'act', planId), world().step(id, 'act', planId)]);
  await untilVerdict(id, planId);
  expect(world().talos.calls).toEqual(['apply']);
  expect(count(await world().types(id), 'execution_started')).toBe(1);
});

test('the wait is counted by the acting function from the yes itself, not from what an event says', async () => {
  const { id, planId } = await selfApproved();
  const { hash } = await world().plan(id, planId);
  const key = approvalKey(hash, 'UREQUESTER');
  world().forward(30_000);
  const at = world().deps.now().toISOString();
  await world().store.write({ do: 'put', key, attributes: { planId, at } });
  world().forward(30_000); // the event says that it may start now
  await expect(world().step(id, 'act', planId)).rejects.toMatchObject({ name: 'TryAgain', delayMs: 30_000 });
  await world().store.write({ do: 'put', key, attributes: { planId } });
  await world().step(id, 'act', planId);
  expect(await world().plan(id, planId)).toMatchObject({
    status: 'voided',
    because: 'it is not on record when it was approved.',
  });
  expect(world().talos.calls).toEqual([]);
});

test('selfApproval that is taken away during the wait takes the approval with it', async () => {
  const { id, planId } = await selfApproved();
  clusterOfTest().selfApproval = false;
  world().forward(60_000);
  await world().drain(id);
  expect(world().talos.calls).toEqual([]);
  expect(await world().plan(id, planId)).toMatchObject({
    status: 'voided',
    because: 'only 1 of 2 approvals are by people who may decide.',
  });
});

test('what was frozen for two still needs two when selfApproval is set afterwards', async () => {
  world().talos.evidence = waiting;
  world().talos.onCall = becomes(well);
  const id = await world().open();
  const planId = await world().requested(id, 'restore_config');
  clusterOfTest().selfApproval = true;
  await confirm(id, planId, 'UREQUESTER');
  expect(await world().plan(id, planId)).toMatchObject({ status: 'awaiting' });
  await approve(id, planId);
  expect(await world().types(id)).not.toContain('self_approved');
  await untilVerdict(id, planId);
  expect(world().talos.calls).toEqual(['apply']);
});

test('a yes so late that it would expire during the wait is refused, and says so', async () => {
  const { id, planId } = await ready();
  world().forward(29 * 60_000 + 1_000);
  expect(await confirm(id, planId, 'UREQUESTER')).toMatchObject({
    ok: false,
    error: { because: 'It would expire before it may start; ask for a new one.' },
  });
  expect(await world().plan(id, planId)).toMatchObject({ status: 'ready', approvals: [] });
});
