import { beforeEach, expect, test } from 'vitest';
import type { ClusterEvent } from '../../lib/incidents/cluster-event.ts';
import { clusterKind } from '../../lib/incidents/cluster-stream.ts';
import { misnamed, staged, waiting } from './stage.ts';

const { world, becomes, awaiting, approve, rebootReady, confirm, untilVerdict, chainHolds } = staged();
const say = (name: 'freeze' | 'unfreeze' | 'takeover', user = 'UOP', reason = 'the racks are moved') =>
  world().desk.command(name, 'test', world().by(user), reason);

let before = 0;
const ofCluster = async () => {
  const events: ClusterEvent[] = [];
  for await (const { body } of world().store.events('CLUSTER#test')) {
    events.push(clusterKind.parseEvent(JSON.parse(body)));
  }
  return events;
};
beforeEach(async () => {
  before = (await ofCluster()).length;
});
const newOfCluster = async () => (await ofCluster()).slice(before);

test('a freeze is on record with who and why, holds once, and ends with a record too', async () => {
  expect(await say('unfreeze')).toMatchObject({ ok: false, error: { because: 'test is not frozen.' } });
  expect(await say('freeze')).toMatchObject({ ok: true, value: expect.stringContaining('op froze test') });
  expect(await say('freeze', 'UREQUESTER')).toMatchObject({
    ok: false,
    error: { because: expect.stringContaining('op froze test at') },
  });
  expect(await say('unfreeze', 'UREQUESTER', 'they stand')).toMatchObject({ ok: true });
  expect((await newOfCluster()).map(({ type, actor, data }) => [type, actor.id, data])).toEqual([
    ['person_refused', 'UOP', { what: '/medic unfreeze', because: 'test is not frozen.' }],
    ['cluster_frozen', 'UOP', { reason: 'the racks are moved' }],
    ['person_refused', 'UREQUESTER', { what: '/medic freeze', because: expect.stringContaining('already') }],
    ['cluster_unfrozen', 'UREQUESTER', { reason: 'they stand' }],
  ]);
  await chainHolds();
});

test.for(['UNOBODY', 'UGUEST', 'UGONE', 'UELSEWHERE', 'UROBOT', 'UUNKNOWN'])('%s cannot freeze', async (user) => {
  expect(await say('freeze', user)).toMatchObject({ ok: false });
  expect(await say('freeze', user)).toMatchObject({ ok: false });
  expect((await newOfCluster()).map(({ type, actor }) => [type, actor.id])).toEqual([['person_refused', user]]);
  world().talos.evidence = misnamed;
  const id = await world().open();
  expect((await world().state(id)).diagnosis?.offers[0]).toMatchObject({ answer: 'allowed' });
});

test('a cluster that nobody knows is not frozen', async () => {
  const answer = await world().desk.command('freeze', 'prod', world().by('UOP'), 'no');
  expect(answer).toMatchObject({ ok: false, error: { because: expect.stringContaining('no cluster of that name') } });
});

test('in a frozen cluster the offer is shown with its reason, and a plan is refused', async () => {
  await say('freeze');
  world().talos.evidence = misnamed;
  const id = await world().open();
  const offer = (await world().state(id)).diagnosis?.offers.find(({ action }) => action === 'reboot');
  expect(offer?.answer).toBe('refused');
  const because = offer?.gates.find(({ gate }) => gate === 'freeze')?.because;
  expect(because).toContain('the racks are moved');
  expect(await world().desk.requestPlan(id, 'reboot', world().by('UOP'))).toEqual({ ok: false, error: { because } });
});

test('a freeze that comes while people decide: nobody approves, and the plan can still be denied', async () => {
  const { id, planId } = await awaiting();
  await say('freeze');
  expect(await approve(id, planId)).toMatchObject({
    ok: false,
    error: { because: expect.stringContaining('the racks are moved') },
  });
  expect(await world().desk.deny(id, planId, world().by('UAPPROVER'), 'not now')).toMatchObject({ ok: true });
});

test('a freeze between the approval and the call voids the plan: nothing is sent, the cluster is free', async () => {
  const { id, planId } = await awaiting();
  await approve(id, planId);
  await say('freeze');
  await world().drain(id);
  const plan = await world().plan(id, planId);
  expect(plan).toMatchObject({ status: 'voided', holdsLease: false });
  expect(plan.because).toContain('op froze the cluster');
  expect(world().talos.calls).toEqual([]);
  expect(await world().lease()).toBeUndefined();
});

test('a freeze in the last moment, after the last look of the gates, still keeps the call back', async () => {
  const { id, planId } = await rebootReady();
  await confirm(id, planId);
  // what is followed is opened after the gates and before the intent
  world().talos.follow = async () => {
    await say('freeze', 'UREQUESTER');
    return { ok: false, error: { code: 'connection_refused', node: 'cp-1', source: 'synthetic', text: '' } };
  };
  await world().drain(id);
  const plan = await world().plan(id, planId);
  expect(plan).toMatchObject({ status: 'refused', holdsLease: false });
  expect(plan.because).toContain('Not sent: requester has frozen the cluster: the racks are moved.');
  expect(await world().types(id)).not.toContain('step_intended');
  expect(world().talos.calls).toEqual([]);
});

test('what was not sent is not counted, what was sent is: a destructive action is offered once in six hours', async () => {
  const { id, planId } = await awaiting();
  await approve(id, planId);
  await say('freeze');
  await world().drain(id);
  await say('unfreeze');
  await world().desk.diagnoseAgain(id, world().by('UREQUESTER'));
  await world().drain(id);
  const second = await world().requested(id, 'restore_config');
  const form = { nodeName: 'cp-1', reason: 'it waits still', consoleFingerprint: 'c3BraS1v' };
  await world().desk.submit(id, second, world().by('UREQUESTER'), form);
  await approve(id, second);
  world().talos.onCall = becomes(waiting); // the call arrives, and helps nothing
  await untilVerdict(id, second);
  expect((await world().plan(id, second)).status).toBe('unverified');
  expect(world().talos.calls).toEqual(['apply']);
  const offer = () =>
    world()
      .state(id)
      .then(({ diagnosis }) => diagnosis?.offers.find(({ id: one }) => one === 'restore_config'));
  await world().drain(id);
  expect((await offer())?.gates.find(({ gate }) => gate === 'repeat_limit')).toMatchObject({
    answer: 'refused',
    because: expect.stringContaining('once in the last 6 h'),
  });
  expect(await world().desk.requestPlan(id, 'restore_config', world().by('UREQUESTER'))).toMatchObject({ ok: false });
  world().forward(6 * 3_600_000);
  await world().desk.diagnoseAgain(id, world().by('UREQUESTER'));
  await world().drain(id);
  expect((await offer())?.answer).toBe('allowed');
});
