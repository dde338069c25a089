import { expect, test } from 'vitest';
import { readLease } from '../../lib/flow/lease.ts';
import { clusterKind } from '../../lib/incidents/cluster-stream.ts';
import { answerOf, reboot } from '../safety/facts.ts';
import { misnamed, staged, well } from './stage.ts';

const { world, becomes, rebootReady, confirm, untilVerdict, chainHolds } = staged();
const MINUTE = 60_000;
const lease = () => readLease(world().deps, 'test', '');
const takeOver = (user = 'UOP') =>
  world().desk.command('takeover', 'test', world().by(user), 'cp-1 was looked at, it is as before');

/** The process dies in the call, and no other one comes. */
async function abandoned(): Promise<{ id: string; planId: string }> {
  const { id, planId } = await rebootReady();
  await confirm(id, planId);
  world().talos.onCall = () => {
    throw new Error('killed');
  };
  await world()
    .step(id, 'act', planId)
    .catch((error: Error) => expect(error.message).toBe('killed'));
  expect((await world().plan(id, planId)).steps[1]?.status).toBe('intended');
  return { id, planId };
}

test('time makes a lease with an open call stale, and never frees it', async () => {
  const { planId } = await abandoned();
  expect(await lease()).toMatchObject({ state: 'held', by: 'reboot', node: 'cp-1' });
  for (const ms of [7 * MINUTE, 24 * 60 * MINUTE, 365 * 24 * 60 * MINUTE]) {
    world().forward(ms);
    expect(await lease()).toMatchObject({ state: 'stale', by: 'reboot', node: 'cp-1' });
    expect((await world().lease())?.attributes['planId']).toBe(planId);
  }
});

test('nobody else may act in the cluster while it is stale, and the refusal says what to do', async () => {
  await abandoned();
  world().forward(7 * MINUTE);
  const fact = await readLease(world().deps, 'test', 'plan-of-somebody-else');
  expect(answerOf('one_at_a_time', reboot({ lease: fact }))).toMatchObject({
    answer: 'refused',
    because: expect.stringMatching(/on cp-1 is open since .* look at cp-1, then \/medic takeover/),
  });
});

test('somebody at work on it keeps it from being stale, however long it takes', async () => {
  const { id, planId } = await abandoned();
  world().forward(7 * MINUTE);
  const key = { pk: `CLAIM#INCIDENT#${id}`, sk: planId };
  const heartbeatAt = world().deps.now().getTime() - 10_000;
  await world().store.write({ do: 'put', key, attributes: { owner: 'a runner', heartbeatAt } });
  expect(await lease()).toMatchObject({ state: 'held' });
  expect(await takeOver()).toMatchObject({ ok: false });
  world().forward(21_000);
  expect(await lease()).toMatchObject({ state: 'stale' });
});

test('looking at the node frees it: the reboot that arrived is found and verified', async () => {
  const { id, planId } = await abandoned();
  world().forward(60 * MINUTE);
  world().talos.evidence = well;
  world().talos.onCall = becomes(well);
  await untilVerdict(id, planId);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified', holdsLease: false });
  expect(await world().lease()).toBeUndefined();
  expect(world().talos.calls).toEqual([]);
});

test('a person takes it over with a reason: unverified, on record twice, free, and nothing is sent any more', async () => {
  const { id, planId } = await abandoned();
  world().forward(MINUTE);
  expect(await takeOver()).toMatchObject({
    ok: false,
    error: { because: expect.stringContaining('Medic finds out by itself') },
  });
  world().forward(7 * MINUTE);
  expect(await takeOver('UNOBODY')).toMatchObject({ ok: false });
  expect(await takeOver()).toMatchObject({ ok: true, value: expect.stringContaining('test is free again') });
  const plan = await world().plan(id, planId);
  expect(plan).toMatchObject({ status: 'unverified' });
  expect(plan.because).toBe(
    'op took it over: cp-1 was looked at, it is as before. What became of Reboot is not known.',
  );
  const types: string[] = [];
  for await (const { body } of world().store.events('CLUSTER#test')) {
    types.push(clusterKind.parseEvent(JSON.parse(body)).type);
  }
  expect(types.slice(-1)).toEqual(['lease_taken_over']);
  world().talos.evidence = misnamed;
  world().talos.onCall = () => undefined;
  await world().drain(id);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'unverified', holdsLease: false });
  expect(await world().lease()).toBeUndefined();
  expect(world().talos.calls).toEqual([]);
  expect(await takeOver()).toMatchObject({
    ok: false,
    error: { because: expect.stringContaining('nothing to take over') },
  });
  await chainHolds();
});
