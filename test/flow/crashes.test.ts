import { expect, test } from 'vitest';
import type { TryAgain } from '../../lib/flow/deps.ts';
import { count, silent, staged, well } from './stage.ts';
import { refusedByTalos } from './world.ts';

/** Crashes and lost replies around the one call. */
const { world, becomes, awaiting, approve, rebootReady, confirm, untilVerdict, chainHolds } = staged();

const crash = () => {
  throw new Error('killed');
};

test('killed before the call arrived: it is sent again once, after its deadline and a look at the node', async () => {
  const { id, planId } = await awaiting();
  await approve(id, planId);
  world().talos.onCall = crash;
  await expect(world().step(id, 'act', planId)).rejects.toThrow('killed');
  world().talos.onCall = becomes(well);
  await expect(world().step(id, 'act', planId)).rejects.toThrow('deadline'); // too early to say
  expect(world().talos.calls).toEqual([]);
  world().forward(30_000);
  await untilVerdict(id, planId);
  expect(world().talos.calls).toEqual(['apply']);
  const types = await world().types(id);
  expect(count(types, 'step_intended')).toBe(2);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified', holdsLease: false });
  await chainHolds();
});

/** What happens while a look at the node goes on. */
const duringLooks = (happens: () => unknown) => {
  const { collect } = world().talos;
  world().talos.collect = async (target, options) => {
    const seen = await collect(target, options);
    await happens();
    return seen;
  };
};

test('a look that began before the deadline of the call proves nothing after it', async () => {
  const { id, planId } = await awaiting();
  await approve(id, planId);
  world().talos.onCall = crash;
  await expect(world().step(id, 'act', planId)).rejects.toThrow('killed');
  world().talos.onCall = becomes(well);
  duringLooks(() => world().forward(20_000)); // the sweep waits for a silent control plane
  await expect(world().step(id, 'act', planId)).rejects.toThrow('deadline');
  expect(count(await world().types(id), 'step_intended')).toBe(1);
  expect(world().talos.calls).toEqual([]);
});

test('a node that takes the call again and again without a trace gets it three times, then a person has to look', async () => {
  const { id, planId } = await awaiting();
  await approve(id, planId);
  let sent = 0;
  world().talos.onCall = () => {
    sent += 1;
    return refusedByTalos('deadline_exceeded');
  };
  while ((await world().plan(id, planId)).verification === undefined) {
    await world()
      .step(id, 'act', planId)
      .catch((error: TryAgain) => expect(error.delayMs).toBeGreaterThan(0));
    world().forward(15_000);
  }
  await untilVerdict(id, planId);
  expect(sent).toBe(3);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'unverified', holdsLease: false });
  await chainHolds();
});

test('a plan that began in time is not carried out hours later', async () => {
  const { id, planId } = await rebootReady();
  await confirm(id, planId);
  const { put } = world().blobs;
  world().blobs.put = () => Promise.reject(new Error('killed'));
  await expect(world().step(id, 'act', planId)).rejects.toThrow('killed');
  world().blobs.put = put;
  world().forward(8 * 3600_000);
  await world().drain(id);
  expect(await world().plan(id, planId)).toMatchObject({
    status: 'refused',
    because: expect.stringContaining('expired'),
    holdsLease: false,
  });
  expect(world().talos.calls).toEqual([]);
});

test('a dry run that begins while an approved plan looks at its node makes it wait', async () => {
  const { id, planId } = await awaiting();
  await approve(id, planId);
  const key = { pk: 'LEASE#test', sk: 'LEASE' };
  const attributes = { planId: 'plan-other', action: 'a dry run', isDryRun: 'yes', node: 'cp-2', incident: 'other' };
  duringLooks(() => world().store.write({ do: 'put', key, attributes }));
  await expect(world().step(id, 'act', planId)).rejects.toThrow('a dry run on cp-2 ends first');
  expect((await world().plan(id, planId)).status).toBe('approved');
});

test('killed after the call arrived: it is not sent again', async () => {
  const { id, planId } = await awaiting();
  await approve(id, planId);
  world().talos.onCall = () => {
    world().talos.evidence = well;
    world().talos.calls.push('apply');
    return crash();
  };
  await expect(world().step(id, 'act', planId)).rejects.toThrow('killed');
  world().forward(30_000);
  await untilVerdict(id, planId);
  expect(world().talos.calls).toEqual(['apply']);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified' });
});

test('a reply that is lost is looked into at once: arrived is not sent again, not arrived is', async () => {
  const { id, planId } = await awaiting();
  await approve(id, planId);
  let sent = 0;
  world().talos.onCall = () => {
    sent += 1;
    if (sent === 1) return refusedByTalos('deadline_exceeded'); // it never arrived, but who knows
    world().talos.evidence = well;
    return 'lose_reply';
  };
  await expect(world().step(id, 'act', planId)).rejects.toThrow();
  expect((await world().plan(id, planId)).steps[1]).toMatchObject({ status: 'intended', attempt: 1 });
  world().forward(30_000);
  await untilVerdict(id, planId);
  expect(world().talos.calls).toEqual(['apply']);
  expect(sent).toBe(2);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified' });
});

test('a node that cannot tell is asked for five minutes, nothing is resent, and a person has to look', async () => {
  const { id, planId } = await rebootReady();
  await confirm(id, planId);
  world().talos.onCall = () => {
    world().talos.evidence = silent;
    return 'lose_reply';
  };
  await expect(world().step(id, 'act', planId)).rejects.toThrow();
  world().forward(60_000);
  await expect(world().step(id, 'act', planId)).rejects.toThrow();
  world().forward(5 * 60_000);
  await untilVerdict(id, planId);
  expect(world().talos.calls).toEqual(['reboot']);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'unverified', holdsLease: false });
  expect(await world().lease()).toBeUndefined();
});

test('what Talos refuses ends the plan as refused and gives the cluster back', async () => {
  const { id, planId } = await awaiting();
  await approve(id, planId);
  world().talos.onCall = () => refusedByTalos('invalid_config');
  await world().drain(id);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'refused', holdsLease: false });
  expect(world().talos.calls).toEqual([]);
  expect(await world().lease()).toBeUndefined();
});

test('when the audit trail does not take the intent the call is not made', async () => {
  const { id, planId } = await awaiting();
  await approve(id, planId);
  const { store } = world();
  const change = store.change.bind(store);
  let isDown = false;
  Object.assign(world().deps.ledger, {
    change: async (...given: Parameters<typeof change>) => {
      if (isDown) return { ok: false, error: { code: 'unavailable', message: 'down' } };
      return change(...given);
    },
  });
  const { collect } = world().talos;
  let looks = 0;
  world().talos.collect = (...given) => {
    looks += 1;
    isDown = looks >= 3; // start, step 0, and now the look before the call
    return collect(...given);
  };
  await expect(world().step(id, 'act', planId)).rejects.toThrow('nothing was sent');
  expect(world().talos.calls).toEqual([]);
  isDown = false;
  expect((await world().plan(id, planId)).steps[1]).toMatchObject({ status: 'pending', attempt: 0 });
});
