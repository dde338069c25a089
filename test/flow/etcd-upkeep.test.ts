import { expect, test } from 'vitest';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import { etcdFiles, FULL, type Size, SMALL } from '../actions/etcd-evidence.ts';
import { alive, staged, typed } from './stage.ts';
import { refusedByTalos } from './world.ts';

/** etcd out of space, and replies that get lost on the way. */
const { world, untilVerdict, chainHolds } = staged();

const seen = (evidence: Evidence): Evidence => ({ ...evidence, readings: { ...evidence.readings, ...alive } });

/** Three full members; each call makes its file small, the last one takes the alarm away. Starts with two people's yes. */
async function approved(): Promise<{ id: string; planId: string; arrives: (call: string) => void }> {
  const sizes: Record<string, Size> = { 'cp-1': FULL, 'cp-2': FULL, 'cp-3': FULL };
  const show = (errors?: readonly string[]) => {
    const [one = null, two = null, three = null] = Object.values(sizes);
    world().talos.evidence = seen(etcdFiles([one, two, three], errors));
  };
  show();
  const arrives = (call: string) => {
    const [what, node = ''] = call.split(' ');
    if (what === 'defragment') sizes[node] = SMALL;
    show(what === 'disarm' ? [] : undefined);
  };
  const id = await world().open();
  const planId = await world().requested(id, 'defragment_etcd');
  expect(await world().plan(id, planId)).toMatchObject({ status: 'ready', because: '' });
  expect(await world().desk.submit(id, planId, world().by('UREQUESTER'), typed)).toMatchObject({ ok: true });
  expect(await world().desk.approve(id, planId, world().by('UAPPROVER'), typed)).toMatchObject({ ok: true });
  return { id, planId, arrives };
}

/** Looks again and again, as the queue does, until the plan is past its calls. */
async function work(id: string, planId: string): Promise<void> {
  for (let looks = 0; looks < 100 && (await world().plan(id, planId)).verification === undefined; looks += 1) {
    await world()
      .step(id, 'act', planId)
      .catch(() => world().forward(5_000));
  }
  await untilVerdict(id, planId);
}

const ALL = ['defragment cp-1', 'defragment cp-3', 'defragment cp-2', 'disarm cp-1'];

test.for(ALL)('the reply to "%s" is lost after it arrived: it is seen, and nothing is sent twice', async (lost) => {
  const { id, planId, arrives } = await approved();
  world().talos.onCall = (call) => {
    arrives(call);
    return call === lost ? 'lose_reply' : undefined;
  };
  await work(id, planId);
  expect(world().talos.calls).toEqual(ALL);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified', holdsLease: false });
  await chainHolds();
});

test.for(ALL)('"%s" is lost before it arrived: it is sent again once its deadline has passed', async (lost) => {
  const { id, planId, arrives } = await approved();
  let isLost = false;
  world().talos.onCall = (call) => {
    if (call === lost && !isLost) {
      isLost = true;
      return refusedByTalos('connection_reset');
    }
    arrives(call);
    return undefined;
  };
  await work(id, planId);
  expect(world().talos.calls).toEqual(ALL);
  expect((await world().plan(id, planId)).steps.map(({ attempt }) => attempt)).toEqual(
    [0, ...ALL.map((call) => (call === lost ? 2 : 1))], // evidence is no call
  );
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified', holdsLease: false });
});

test('a member that does not come back keeps the others from being touched', async () => {
  const { id, planId } = await approved();
  world().talos.onCall = () => {
    world().talos.evidence = seen(etcdFiles([null, FULL, FULL]));
    return undefined;
  };
  await work(id, planId);
  expect(world().talos.calls).toEqual(['defragment cp-1']);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'failed', holdsLease: false });
});
