import { expect, test } from 'vitest';
import { count, staged, well } from './stage.ts';

const { world, becomes, awaiting, approve, untilVerdict } = staged();

/** Approved and sent; from now on every look at the node throws. Returns what mends it. */
async function verifyingBlind() {
  const { id, planId } = await awaiting();
  world().talos.onCall = becomes(well);
  await approve(id, planId);
  await world().step(id, 'act', planId);
  expect((await world().plan(id, planId)).status).toBe('verifying');
  const { collect } = world().talos;
  let thrown = 0;
  world().talos.collect = () => {
    thrown += 1;
    return Promise.reject(new Error('the sweep broke off'));
  };
  const mend = () => Object.assign(world().talos, { collect });
  return { id, planId, mend, thrown: () => thrown };
}

test('a look that throws while it verifies is a look without an answer: the next one proves it', async () => {
  const { id, planId, mend, thrown } = await verifyingBlind();
  world().forward(10_000);
  await world().step(id, 'verify', planId);
  expect(thrown()).toBe(1);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verifying', verification: { looks: 1 } });
  mend();
  await untilVerdict(id, planId);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified', holdsLease: false });
  expect(world().talos.calls).toEqual(['apply']);
});

test('looks that throw until the deadline end as unverified, and the cluster is free', async () => {
  const { id, planId, thrown } = await verifyingBlind();
  await untilVerdict(id, planId);
  expect(thrown()).toBeGreaterThan(5);
  const plan = await world().plan(id, planId);
  expect(plan).toMatchObject({ status: 'unverified', holdsLease: false });
  expect(plan.because).toContain('the plan or the node cannot be read');
  expect(count(await world().types(id), 'verdict_reached')).toBe(1);
  expect(await world().lease()).toBeUndefined();
});
