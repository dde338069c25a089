import { expect, test } from 'vitest';
import { count, staged, typed, well } from './stage.ts';

/** What people may not do changes nothing and is on record. */
const { world, becomes, awaiting, approve, confirm, untilVerdict } = staged();

test.for([
  { user: 'UNOBODY', why: 'nobody gave a role' },
  { user: 'UOP', why: 'an operator may not restore a config' },
  { user: 'UGUEST', why: 'a guest' },
  { user: 'UGONE', why: 'a deactivated account' },
  { user: 'UROBOT', why: 'a bot' },
  { user: 'UELSEWHERE', why: 'Slack says another team' },
  { user: 'UUNKNOWN', why: 'Slack does not know them' },
])('$why cannot ask, approve or deny', async ({ user }) => {
  const { id, planId } = await awaiting();
  const before = (await world().state(id)).plans;
  expect(await world().desk.requestPlan(id, 'restore_config', world().by(user))).toMatchObject({ ok: false });
  expect(await approve(id, planId, user)).toMatchObject({ ok: false });
  expect(await world().desk.deny(id, planId, world().by(user), 'no')).toMatchObject({ ok: false });
  expect((await world().state(id)).plans).toEqual(before);
  const refusals = (await world().events(id)).filter(({ type }) => type === 'person_refused');
  expect(refusals.map(({ actor }) => actor.id)).toEqual([user, user, user]);
  expect(world().talos.calls).toEqual([]);
});

test('a click signed for another workspace is refused although the user id is known here', async () => {
  const { id, planId } = await awaiting();
  expect(await world().desk.approve(id, planId, world().by('UAPPROVER', 'T9'), typed)).toMatchObject({ ok: false });
  expect((await world().plan(id, planId)).approvals).toHaveLength(1);
  expect(await world().types(id)).toContain('person_refused');
});

test.for([
  { change: { nodeName: 'cp-2' }, field: 'nodeName' },
  { change: { nodeName: '' }, field: 'nodeName' },
  { change: { consoleFingerprint: 'AAAAAAAA' }, field: 'consoleFingerprint' },
  { change: { consoleFingerprint: '' }, field: 'consoleFingerprint' },
])('an approver who types $change is shown the field', async ({ change, field }) => {
  const { id, planId } = await awaiting();
  const answer = await world().desk.approve(id, planId, world().by('UAPPROVER'), { ...typed, ...change });
  expect(answer).toMatchObject({ ok: false, field });
  expect(await world().plan(id, planId)).toMatchObject({ status: 'awaiting' });
  const isOnRecord = (await world().types(id)).includes('person_refused');
  expect(isOnRecord).toBe(field === 'consoleFingerprint');
});

test('a used plan cannot be approved, confirmed or denied again', async () => {
  const { id, planId } = await awaiting();
  world().talos.onCall = becomes(well);
  await approve(id, planId);
  expect(await approve(id, planId)).toMatchObject({ ok: false });
  await untilVerdict(id, planId);
  const before = (await world().state(id)).plans;
  expect(await approve(id, planId)).toMatchObject({ ok: false });
  expect(await confirm(id, planId, 'UREQUESTER')).toMatchObject({ ok: false });
  expect(await world().desk.deny(id, planId, world().by('UAPPROVER'), 'no')).toMatchObject({ ok: false });
  await world().drain(id);
  expect((await world().state(id)).plans).toEqual(before);
  expect(world().talos.calls).toEqual(['apply']);
  const refused = (await world().events(id)).filter(({ type }) => type === 'person_refused');
  expect(refused.map(({ data }) => 'what' in data && data.what)).toEqual([
    'Approval of Restore config',
    'Confirmation of Restore config',
    'Denial of Restore config',
  ]);
});

test('twenty simultaneous approvals by one person count once', async () => {
  const { id, planId } = await awaiting();
  const answers = await Promise.all(Array.from({ length: 20 }, () => approve(id, planId)));
  expect(answers.filter(({ ok: isOk }) => isOk)).toHaveLength(1);
  expect(count(await world().types(id), 'approval_given')).toBe(1);
  expect(count(await world().types(id), 'plan_approved')).toBe(1);
});
