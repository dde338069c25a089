import { expect, test } from 'vitest';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import type { TryAgain } from '../../lib/flow/deps.ts';
import { ok } from '../playbooks/build-evidence.ts';
import { misnamed, staged, waiting, well } from './stage.ts';
import { refusedByTalos } from './world.ts';

const { world, awaiting, approve, rebootReady, confirm, untilVerdict } = staged();

const crash = () => {
  throw new Error('killed');
};
const tryAct = (id: string, planId: string) =>
  world()
    .step(id, 'act', planId)
    .catch((error: TryAgain) => error.message);
const anotherKey: Evidence = {
  ...waiting,
  reach: {
    ...waiting.reach,
    ...(waiting.reach.certificate ? { certificate: { ...waiting.reach.certificate, spki: 'YW5vdGhlcg==' } } : {}),
  },
};

/** Sent once, proven not to have arrived; the look before the second attempt sees another world. */
async function secondAttempt(before: Evidence): Promise<{ id: string; planId: string }> {
  const { id, planId } = await awaiting();
  await approve(id, planId);
  world().talos.onCall = crash;
  expect(await tryAct(id, planId)).toBe('killed');
  world().forward(30_000);
  const { collect } = world().talos;
  world().talos.collect = async (target, options) => {
    const seen = await collect(target, options);
    world().talos.evidence = before; // from the next look on
    return seen;
  };
  await tryAct(id, planId);
  return { id, planId };
}

test('a gate that refuses the second attempt does not say that nothing was sent: a person has to look', async () => {
  const { id, planId } = await secondAttempt(anotherKey);
  await untilVerdict(id, planId);
  const plan = await world().plan(id, planId);
  expect(plan).toMatchObject({ status: 'unverified', holdsLease: false });
  expect(plan.steps[1]).toMatchObject({ status: 'unknown', attempt: 1 });
  expect(plan.steps[1]?.because).toContain('Sent 1 time before, and not again');
  expect(world().talos.calls).toEqual([]);
});

test('when the first attempt turns out to have arrived after all, the checks decide', async () => {
  const { id, planId } = await secondAttempt(well);
  await untilVerdict(id, planId);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified', holdsLease: false });
});

test('what Talos refuses at the second attempt is not called refused either', async () => {
  const { id, planId } = await awaiting();
  await approve(id, planId);
  world().talos.onCall = crash;
  await tryAct(id, planId);
  world().forward(30_000);
  world().talos.onCall = () => refusedByTalos('invalid_config');
  await untilVerdict(id, planId);
  const plan = await world().plan(id, planId);
  expect(plan).toMatchObject({ status: 'unverified', holdsLease: false });
  expect(plan.because).toContain('an earlier attempt was sent');
  expect(await world().lease()).toBeUndefined();
});

test('a gate that refuses the first attempt still says that it was not sent', async () => {
  const { id, planId } = await rebootReady();
  await confirm(id, planId);
  const { put } = world().blobs;
  world().blobs.put = async (content) => {
    const machineStatus = ok({ stage: 'upgrading' as const, ready: false, unmetConditions: [] });
    world().talos.evidence = { ...misnamed, readings: { ...misnamed.readings, machineStatus } };
    return put(content);
  };
  await world().drain(id);
  const plan = await world().plan(id, planId);
  expect(plan).toMatchObject({ status: 'refused', holdsLease: false });
  expect(plan.because).toContain('Not sent:');
});
