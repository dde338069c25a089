import { expect, test } from 'vitest';
import { ok } from '../playbooks/build-evidence.ts';
import { staged, typed, waiting, well } from './stage.ts';

/** A plan that waits too long is frozen again, without new typing, and never without new yeses. */
const { world, becomes, awaiting, approve, confirm, untilVerdict, chainHolds } = staged();

const nothing = { nodeName: '', reason: '', consoleFingerprint: '' };
const YES = { ok: true, value: undefined };
async function renewed(id: string, planId: string, user = 'UREQUESTER'): Promise<string> {
  const asked = await world().desk.renew(id, planId, world().by(user));
  if (!asked.ok) throw new Error(asked.error.because);
  await world().drain(id);
  return asked.value.planId;
}
const confirmUntyped = (id: string, planId: string, user = 'UREQUESTER') =>
  world().desk.submit(id, planId, world().by(user), nothing);
const review = (id: string, planId: string, user = 'UREQUESTER') => world().desk.review(id, planId, world().by(user));

test.for(['waits', 'has expired'])(
  'a plan that %s gets new time and a new hash, and needs every yes again',
  async (how) => {
    const { id, planId } = await awaiting();
    world().talos.onCall = becomes(well);
    world().forward((how === 'waits' ? 20 : 31) * 60_000);
    await world().drain(id);
    const before = await world().plan(id, planId);
    expect(before.status).toBe(how === 'waits' ? 'awaiting' : 'expired');
    const next = await renewed(id, planId);
    expect(await world().plan(id, next)).toMatchObject({ status: 'ready', because: '', approvals: [], renews: planId });
    expect(await review(id, next)).toMatchObject({ ok: true, value: { may: 'submit', isTyped: true } });
    expect(await confirmUntyped(id, next)).toEqual(YES);
    const after = await world().plan(id, next);
    expect(after.hash).not.toBe(before.hash);
    expect(after.expiresAt > before.expiresAt).toBe(true);
    expect(after).toMatchObject({ status: 'awaiting', reason: 'it waits' });
    expect(after.approvals.map((one) => one.id)).toEqual(['UREQUESTER']);
    expect((await world().plan(id, planId)).status).toBe(how === 'waits' ? 'voided' : 'expired');
    expect(await approve(id, planId)).toMatchObject({ ok: false });
    expect(await approve(id, next)).toEqual(YES);
    await untilVerdict(id, next);
    expect(world().talos.calls).toEqual(['apply']);
    expect(await world().plan(id, next)).toMatchObject({ status: 'verified' });
    await chainHolds();
  },
);

test('who approves the renewed plan types what every approver types', async () => {
  const { id, planId } = await awaiting();
  const next = await renewed(id, planId);
  await confirmUntyped(id, next);
  expect(await world().desk.approve(id, next, world().by('UAPPROVER'), nothing)).toMatchObject({
    ok: false,
    field: 'nodeName',
  });
});

test('who had not said yes to the plan before may renew it, and types', async () => {
  const { id, planId } = await awaiting();
  const next = await renewed(id, planId, 'UAPPROVER');
  expect(await review(id, next, 'UAPPROVER')).toMatchObject({ ok: true, value: { may: 'submit', isTyped: false } });
  expect(await confirmUntyped(id, next, 'UAPPROVER')).toMatchObject({ ok: false, field: 'nodeName' });
  expect(await confirm(id, next, 'UAPPROVER')).toEqual(YES);
  expect((await world().plan(id, next)).approvals.map((one) => one.id)).toEqual(['UAPPROVER']);
  expect((await world().plan(id, planId)).status).toBe('voided');
});

test('a renewal of a renewal goes on without typing', async () => {
  const { id, planId } = await awaiting();
  const second = await renewed(id, planId);
  await confirmUntyped(id, second);
  const third = await renewed(id, second);
  expect(await confirmUntyped(id, third)).toEqual(YES);
  expect(await world().plan(id, third)).toMatchObject({ status: 'awaiting', reason: 'it waits' });
});

test('when the world has moved it is refused, and the plan before stays what it was', async () => {
  const { id, planId } = await awaiting();
  const version = ok({ tag: 'v1.13.3', platform: 'metal', mode: 'metal' });
  world().talos.evidence = { ...waiting, readings: { ...waiting.readings, version } };
  const next = await renewed(id, planId);
  expect(await world().plan(id, next)).toMatchObject({
    status: 'refused',
    because:
      'What the plan rests on or what it would do has changed since, so it cannot be renewed. Ask for a new one.',
    holdsLease: false,
  });
  expect(await world().lease()).toBeUndefined();
  expect(await world().plan(id, planId)).toMatchObject({ status: 'awaiting' });
});

test('a denial in the meantime holds for the renewed plan too', async () => {
  const { id, planId } = await awaiting();
  const next = await renewed(id, planId);
  expect(await world().desk.deny(id, planId, world().by('UAPPROVER'), 'not at night')).toEqual(YES);
  expect(await confirmUntyped(id, next)).toMatchObject({
    ok: false,
    error: { because: 'The plan that this renews is denied; ask for a new one.' },
  });
  expect(await world().plan(id, next)).toMatchObject({ status: 'ready', approvals: [] });
});

test('what is denied, ready, or was never frozen is not renewed', async () => {
  const { id, planId } = await awaiting();
  const ready = await world().requested(id, 'restore_config', 'UAPPROVER');
  await world().desk.deny(id, planId, world().by('UAPPROVER'), 'not at night');
  const asked = await world().desk.requestPlan(id, 'restore_config', world().by('UREQUESTER'));
  const preparing = asked.ok ? asked.value.planId : '';
  world().forward(3 * 60_000);
  await world().step(id, 'expire', preparing);
  expect((await world().plan(id, preparing)).status).toBe('expired');
  for (const [old, says] of [
    [planId, 'is denied'],
    [ready, 'is ready'],
    [preparing, 'was never frozen'],
    ['plan-other', 'is not known'],
  ] as const) {
    expect(await world().desk.renew(id, old, world().by('UREQUESTER'))).toMatchObject({
      ok: false,
      error: { because: expect.stringContaining(says) },
    });
  }
});

test('who may not decide renews nothing', async () => {
  const { id, planId } = await awaiting();
  expect(await world().desk.renew(id, planId, world().by('UOP'))).toMatchObject({ ok: false });
  expect(Object.keys((await world().state(id)).plans)).toEqual([planId]);
});

test('the card offers to renew what waits in its menu, and what has expired with a button', async () => {
  const { id, planId } = await awaiting();
  const card = () => JSON.stringify(world().slack.cards.find(({ incidentId }) => incidentId === id)?.card);
  await world().drain(id);
  expect(card()).toContain(`renew:${planId}`);
  expect(card()).not.toContain('"action_id":"renew"');
  world().forward(31 * 60_000);
  await world().drain(id);
  expect(card()).toContain('"action_id":"renew"');
  expect(card()).not.toContain(`renew:${planId}`);
});

test('what was typed for another plan is worth nothing', async () => {
  const { id, planId } = await awaiting();
  const next = await world().requested(id, 'restore_config', 'UREQUESTER');
  expect(next).not.toBe(planId);
  expect(await confirmUntyped(id, next)).toMatchObject({ ok: false, field: 'nodeName' });
  expect(await world().desk.submit(id, next, world().by('UREQUESTER'), typed)).toEqual(YES);
});
