import { beforeEach, expect, test } from 'vitest';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import { err } from '../../lib/result.ts';
import { MEMBERS, ok, peer, silent } from '../playbooks/build-evidence.ts';
import { count, staged, typed } from './stage.ts';
import { refusedByTalos } from './world.ts';

/** A dead member, and replies that get lost on the way. */
const { world, untilVerdict, chainHolds } = staged();

const affiliates = ok(
  [2, 3].map((n) => {
    const name = `cp-${n}`;
    const addresses = [`10.0.0.${n}`];
    return { id: name, nodeId: name, hostname: name, nodename: name, addresses, machineType: 'controlplane' };
  }),
);
const seen = (members = MEMBERS): Evidence =>
  silent(
    'no_route',
    ['cp-2', 'cp-3'].map((name) => peer(name, { affiliates, members: ok([]), etcdMembers: ok(members) })),
  );
const becomesRemoved = () => {
  world().talos.evidence = seen(MEMBERS.slice(1));
};

let id: string;
let planId: string;
/** Found silent twice, asked for, and approved by two. */
beforeEach(async () => {
  world().talos.evidence = seen();
  id = await world().open();
  world().forward(5 * 60_000);
  await world().desk.diagnoseAgain(id, world().by('UREQUESTER'));
  await world().drain(id);
  const offer = (await world().state(id)).diagnosis?.offers.find(({ action }) => action === 'remove_etcd_member');
  planId = await world().requested(id, offer?.id ?? '');
  expect(await world().plan(id, planId)).toMatchObject({ status: 'ready', because: '' });
  expect(await world().desk.submit(id, planId, world().by('UREQUESTER'), typed)).toMatchObject({ ok: true });
  expect(await world().desk.approve(id, planId, world().by('UAPPROVER'), typed)).toMatchObject({ ok: true });
});

async function work(): Promise<void> {
  for (let looks = 0; looks < 200 && (await world().plan(id, planId)).status === 'executing'; looks += 1) await act();
  await untilVerdict(id, planId);
}
const act = () =>
  world()
    .step(id, 'act', planId)
    .catch(() => world().forward(5_000));
const verdict = () => world().plan(id, planId);

const CALLS = ['snapshot cp-3', 'remove 1001 by cp-2'];

test.for(['never', 'after'] as const)('the reply is lost: %s it arrived; removed once, and proven', async (lost) => {
  world().talos.onCall = (call) => {
    if (!call.startsWith('remove')) return undefined;
    becomesRemoved();
    return lost === 'after' ? 'lose_reply' : undefined;
  };
  await act();
  await work();
  expect(world().talos.calls).toEqual(CALLS);
  expect(await verdict()).toMatchObject({ status: 'verified', holdsLease: false });
  expect(world().vault.kept.size).toBe(1);
  await chainHolds();
});

test('lost before it arrived: sent again once its deadline has passed', async () => {
  let isLost = false;
  world().talos.onCall = (call) => {
    if (!call.startsWith('remove')) return undefined;
    if (!isLost) {
      isLost = true;
      return refusedByTalos('deadline_exceeded');
    }
    becomesRemoved();
    return undefined;
  };
  await act();
  await work();
  expect(world().talos.calls).toEqual(CALLS);
  expect((await verdict()).steps[2]).toMatchObject({ attempt: 2, status: 'done' });
  expect(await verdict()).toMatchObject({ status: 'verified' });
});

test('without a snapshot nothing is removed, and nothing is said to have changed', async () => {
  world().talos.etcdSnapshot = async () => err(refusedByTalos('connection_reset'));
  await act();
  await work();
  expect(world().talos.calls).toEqual([]);
  expect(await verdict()).toMatchObject({ status: 'refused', holdsLease: false });
  expect((await verdict()).because).toContain('No etcd snapshot');
});

test('killed while the snapshot was read: it is read again, and only then is the member removed', async () => {
  let isKilled = false;
  world().talos.onCall = (call) => {
    if (call.startsWith('snapshot') && !isKilled) {
      isKilled = true;
      throw new Error('killed');
    }
    if (call.startsWith('remove')) becomesRemoved();
    return undefined;
  };
  await act();
  await work();
  expect(world().talos.calls).toEqual(CALLS);
  expect((await verdict()).steps[1]).toMatchObject({ attempt: 2, status: 'done' });
  expect(count(await world().types(id), 'step_intended')).toBe(3);
  expect(await verdict()).toMatchObject({ status: 'verified' });
});

test('a snapshot that never comes to its end is refused after three times, and nothing is removed', async () => {
  world().talos.onCall = () => {
    throw new Error('killed');
  };
  await act();
  await work();
  expect((await verdict()).steps.map(({ status, attempt }) => [status, attempt])).toEqual([
    ['done', 0],
    ['refused', 3],
    ['pending', 0],
  ]);
  expect(await verdict()).toMatchObject({ status: 'refused', holdsLease: false });
});

test('a node that answers again ends the plan before anything is sent', async () => {
  world().talos.evidence = { ...seen(), reach: { mode: 'refused' } };
  await act();
  await work();
  expect(world().talos.calls).toEqual([]);
  expect(await verdict()).toMatchObject({ status: 'voided' });
});
