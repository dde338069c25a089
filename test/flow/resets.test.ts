import { expect, test } from 'vitest';
import { ALL_LABELS, BOOT_S, ok, partitions, running } from '../playbooks/build-evidence.ts';
import { damagedVar } from '../playbooks/ill-nodes.ts';
import { alive, staged, typed } from './stage.ts';
import { refusedByTalos } from './world.ts';

/** A damaged EPHEMERAL of a control plane is made anew, from the finding to the verdict. */
const { world, untilVerdict, chainHolds } = staged();

/** A partition that is made anew has another UUID. */
const disk = (ephemeralUuid: string) =>
  ok(
    partitions(ALL_LABELS).map((one) =>
      one.partitionLabel === 'EPHEMERAL' ? { ...one, partitionUuid: ephemeralUuid } : one,
    ),
  );
const disks = ok([
  { id: 'sda', devPath: '/dev/sda', model: '', serial: '', wwid: 'w', transport: 'sata', sizeBytes: 480_000_000_000 },
]);
const damaged = () =>
  damagedVar({
    discoveredVolumes: disk('before'),
    disks,
    sequences: ok([]),
    etcdLocalMember: ok({ memberId: '1001' }),
  });
const back = (ephemeralUuid: string) =>
  running({ ...alive, systemStat: ok({ bootTimeS: BOOT_S + 600 }), discoveredVolumes: disk(ephemeralUuid), disks });

async function ready() {
  world().talos.evidence = damaged();
  const id = await world().open();
  const planId = await world().requested(id, 'reset_ephemeral');
  return { id, planId };
}
async function approve(id: string, planId: string) {
  expect(await world().desk.submit(id, planId, world().by('UREQUESTER'), typed)).toEqual({
    ok: true,
    value: undefined,
  });
  expect(await world().desk.approve(id, planId, world().by('UAPPROVER'), typed)).toEqual({
    ok: true,
    value: undefined,
  });
}

test('two people, the typed name, a snapshot of etcd, one call, and another partition afterwards', async () => {
  const { id, planId } = await ready();
  expect(await world().plan(id, planId)).toMatchObject({ status: 'ready', because: '' });
  world().talos.onCall = (call) => {
    if (call.startsWith('reset')) world().talos.evidence = back('after');
    return undefined;
  };
  await approve(id, planId);
  await untilVerdict(id, planId);
  expect(world().talos.calls).toEqual(['snapshot cp-3', 'reset ephemeral']);
  expect([...world().vault.kept.keys()]).toHaveLength(1);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified', holdsLease: false });
  await chainHolds();
});

test('what people approve: what dies, what stays, etcd before and meanwhile', async () => {
  const { id } = await ready();
  const frozen = (await world().events(id)).find(({ type }) => type === 'plan_ready');
  if (frozen?.type !== 'plan_ready') throw new Error('no plan was frozen');
  const { consequences, details, typedName, approvalsNeeded } = frozen.data.plan;
  expect(consequences[0]).toBe(
    'cp-1 (control plane) stops, EPHEMERAL is erased, and it boots again; it is away for minutes.',
  );
  expect(consequences).toContain(
    'Stays: Talos v1.13.2 with its extensions and kernel arguments. A reset repairs no image.',
  );
  expect(consequences).toContain(
    'It is drained and leaves etcd first; when it cannot leave, it reboots and nothing is erased.',
  );
  expect(details).toContainEqual({ label: 'Erased', text: 'EPHEMERAL' });
  expect(details.map(({ label }) => label)).toContain('etcd before');
  expect({ typedName, approvalsNeeded }).toEqual({ typedName: 'required', approvalsNeeded: 2 });
});

test('a snapshot that cannot be kept: nothing is erased', async () => {
  const { id, planId } = await ready();
  world().talos.onCall = (call) => (call.startsWith('snapshot') ? refusedByTalos('etcd_not_ready') : undefined);
  await approve(id, planId);
  await untilVerdict(id, planId);
  expect(world().talos.calls).toEqual([]);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'refused', holdsLease: false });
});

test('a node that booted without being wiped is not called verified', async () => {
  const { id, planId } = await ready();
  world().talos.onCall = (call) => {
    if (call.startsWith('reset')) world().talos.evidence = back('before');
    return undefined;
  };
  await approve(id, planId);
  await untilVerdict(id, planId);
  expect(await world().plan(id, planId)).toMatchObject({
    status: 'unverified',
    because: expect.stringContaining('EPHEMERAL made anew'),
  });
});

test('a lost reply: the other boot shows that it arrived, and it is sent once', async () => {
  const { id, planId } = await ready();
  world().talos.onCall = (call) => {
    if (!call.startsWith('reset')) return undefined;
    world().talos.evidence = back('after');
    return 'lose_reply';
  };
  await approve(id, planId);
  await untilVerdict(id, planId);
  expect(world().talos.calls).toEqual(['snapshot cp-3', 'reset ephemeral']);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified' });
});

test('where nobody can say what lies on its disks, nothing is erased', async () => {
  world().talos.evidence = { ...damaged(), readings: { ...damaged().readings, disks: refusedReading() } };
  const id = await world().open();
  const offers = (await world().state(id)).diagnosis?.offers ?? [];
  const offer = offers.find(({ action }) => action === 'reset_ephemeral');
  expect(offer?.answer).toBe('refused');
  expect(offer?.gates.find(({ answer }) => answer === 'refused')?.because).toContain(
    'What would be lost cannot be named',
  );
});

const refusedReading = () => ({
  source: 'synthetic',
  node: 'cp-1',
  at: '',
  tookMs: 1,
  ok: false as const,
  error: { code: 'deadline_exceeded', message: '' },
});
