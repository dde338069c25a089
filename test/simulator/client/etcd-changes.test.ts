import { createHash } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { readValue } from '../../../lib/evidence/reading.ts';
import { ok } from '../../../lib/result.ts';
import { machineChanges } from '../../../lib/talos/changing-methods.ts';
import { machineService } from '../../../lib/talos/methods.ts';
import { actingForThisFile } from './client.ts';

const here = actingForThisFile();
beforeEach(() => here.load('v1.13.9'));

const deadlineMs = 8_000;
const statusOf = async (name: string) => readValue((await here.acting.look(name)).readings.etcdStatus);
const memberOn = (name: string) => here.seen.memberId('cp-1', name);

test('defragmenting gives space back, of that member alone', async () => {
  const before = await statusOf('cp-2');
  expect(await here.acting.operator.etcdDefragment(here.acting.target('cp-1'), { deadlineMs })).toEqual(ok(undefined));
  const after = await statusOf('cp-1');
  expect(after?.dbBytes).toBe(after?.dbInUseBytes);
  expect(await statusOf('cp-2')).toMatchObject({ dbBytes: before?.dbBytes });
});

test('alarms are told, and taken back', async () => {
  await here.world.load('version: v1.13.9\nnodes: { cp-2: { etcd: { alarm: NOSPACE } } }');
  const alarms = async () => readValue((await here.acting.look('cp-1')).readings.etcdAlarms);
  expect(await alarms()).toEqual([{ memberId: await memberOn('cp-2'), alarm: 'NOSPACE' }]);
  expect(await here.acting.operator.etcdDisarmAlarms(here.acting.target('cp-1'), { deadlineMs })).toEqual(
    ok(undefined),
  );
  expect(await alarms()).toEqual([]);
});

test('the leader hands over, others have nothing to hand over', async () => {
  const leading = await here.seen.leader('cp-1');
  const leader = (await here.seen.members('cp-1')).find(({ id }) => id === leading)?.name ?? '';
  const answer = await here.acting.admin.etcdForfeitLeadership(here.acting.target(leader), { deadlineMs });
  expect(answer).toMatchObject({ ok: true, value: { newLeader: expect.stringMatching(/^cp-\d$/) } });
  expect(await here.acting.admin.etcdForfeitLeadership(here.acting.target(leader), { deadlineMs })).toEqual(
    ok({ newLeader: '' }),
  );
});

test('a dead member is removed by a survivor; one whose loss would break the quorum is not', async () => {
  await here.world.cluster.setPower('cp-3', 'off');
  const [admin, target] = [here.acting.admin, here.acting.target('cp-1')];
  const dead = await memberOn('cp-3');
  expect(await admin.etcdRemoveMember(target, { memberId: '42', deadlineMs })).toMatchObject({
    error: { code: 'not_found' },
  });
  expect(await admin.etcdRemoveMember(target, { memberId: await memberOn('cp-2'), deadlineMs })).toMatchObject({
    error: { code: 'etcd_not_ready', text: expect.stringContaining('etcdserver: unhealthy cluster') },
  });
  expect(await admin.etcdRemoveMember(target, { memberId: dead, deadlineMs })).toEqual(ok(undefined));
  const { readings } = await here.acting.look('cp-1');
  expect(readValue(readings.etcdMembers)?.map(({ id }) => id)).not.toContain(dead);
});

test('a snapshot is complete, and is not for readers', async () => {
  const parts: Buffer[] = [];
  const sink = { write: async (bytes: Uint8Array) => ok(void parts.push(Buffer.from(bytes))) };
  const order = { sink, maxBytes: 100_000_000, deadlineMs };
  const answer = await here.acting.operator.etcdSnapshot(here.acting.target('cp-1'), order);
  const file = Buffer.concat(parts);
  expect(answer).toEqual(ok({ sizeBytes: file.length, sha256: createHash('sha256').update(file).digest('hex') }));
  expect(await here.world.to('cp-1', 'reader').frames(machineService.etcdSnapshot, {})).toEqual({
    code: 7,
    text: 'not authorized',
  });
});

test.for([
  ['etcd defragment', machineChanges.etcdDefragment],
  ['etcd forfeit leadership', machineChanges.etcdForfeitLeadership],
] as const)('%s: a worker has no etcd', async ([api, method]) => {
  const seen = await here.world.to('w-1', 'admin').call(method, {});
  expect(seen).toEqual({ code: 12, text: `${api} is only available on control plane nodes` });
});
