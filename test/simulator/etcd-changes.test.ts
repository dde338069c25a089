import { createHash } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { seenForThisFile } from './seen.ts';

const { clock, seen, world } = await seenForThisFile();
beforeEach(() => world.load('healthy'));

const MIB = 1024 ** 2;
const operator = (name: string) => world.to(name, 'operator');
const admin = (name: string) => world.to(name, 'admin');
async function status(name: string) {
  const answer = await operator(name).call(m.etcdStatus, {});
  const found = 'reply' in answer ? answer.reply.messages[0]?.memberStatus : undefined;
  return { dbSize: Number(found?.dbSize), inUse: Number(found?.dbSizeInUse), errors: found?.errors };
}
async function alarms(name: string) {
  const answer = await operator(name).call(m.etcdAlarmList, {});
  return 'reply' in answer ? answer.reply.messages[0]?.memberAlarms.map(({ alarm }) => alarm) : answer;
}
const idOf = (name: string) => seen.memberId('cp-1', name);
const FULL = 'nodes: { cp-2: { etcd: { fileMiB: 2048, inUseMiB: 210, alarm: NOSPACE } } }';
const remove = (asked: string, memberId: string) => admin(asked).call(change.etcdRemoveMemberById, { memberId });

test('defragmenting shrinks the file of that member to what is in use', async () => {
  await world.load(FULL);
  expect(await status('cp-2')).toMatchObject({ dbSize: 2048 * MIB, inUse: 210 * MIB });
  expect(await operator('cp-2').call(change.etcdDefragment, {})).toHaveProperty('reply');
  expect(await status('cp-2')).toMatchObject({ dbSize: 210 * MIB, inUse: 210 * MIB });
  expect(await status('cp-1')).toMatchObject({ dbSize: 48 * MIB, inUse: 31 * MIB });
});

test('an alarm is told by every member; disarmed, it comes back while the file is too large', async () => {
  await world.load(FULL);
  expect(await alarms('cp-1')).toEqual(['NOSPACE']);
  expect((await status('cp-3')).errors).toEqual([`memberID:${await idOf('cp-2')} alarm:NOSPACE `]);
  const disarmed = await operator('cp-1').call(change.etcdAlarmDisarm, {});
  const memberAlarms = [{ memberId: await idOf('cp-2'), alarm: 'NOSPACE' }];
  expect(disarmed).toMatchObject({ reply: { messages: [{ memberAlarms }] } });
  expect(await alarms('cp-1')).toEqual([]);
  clock.advance(10_000);
  expect(await alarms('cp-1')).toEqual(['NOSPACE']);
  await operator('cp-2').call(change.etcdDefragment, {});
  await operator('cp-2').call(change.etcdAlarmDisarm, {});
  clock.advance(10_000);
  expect(await alarms('cp-1')).toEqual([]);
  await world.load('healthy');
});

test('the leader hands over to the first other member; whoever does not lead names nobody', async () => {
  const forfeit = async (name: string) => {
    const answer = await admin(name).call(change.etcdForfeitLeadership, {});
    return 'reply' in answer ? answer.reply.messages[0]?.member : answer;
  };
  const members = await seen.members('cp-1');
  const leading = await seen.leader('cp-1');
  const leader = members.find(({ id }) => id === leading)?.name ?? '';
  const others = members.filter(({ id }) => id !== leading);
  expect(others).toHaveLength(2);
  for (const { name } of others) expect(await forfeit(name)).toBe('');
  expect(await seen.leader('cp-1')).toBe(leading);
  expect(await forfeit(leader)).toBe(others[0]?.name);
  for (const { name } of members) expect(await seen.leader(name)).toBe(others[0]?.id);
  await world.load('cluster: { controlPlanes: 1 }');
  const alone = 'failed to forfeit leadership: cannot forfeit leadership, only one member';
  expect(await forfeit('cp-1')).toEqual({ code: 2, text: alone });
});

test('a removed member fails, and goes on failing after a reboot, which does not end for it', async () => {
  const id = await idOf('cp-3');
  expect(await remove('cp-1', id)).toHaveProperty('reply');
  expect(await seen.names('cp-1')).toEqual(['cp-1', 'cp-2']);
  clock.advance(1_000);
  expect(await seen.service('cp-3', 'etcd')).toBe(
    'Waiting: Runner Containerd(etcd) exited without error, going to restart it',
  );
  clock.advance(5_000);
  expect(await seen.service('cp-3', 'etcd')).toMatch(/^Running: Started task etcd/);
  expect(await seen.isHealthy('cp-3', 'etcd')).toBe(false);
  const booted = await seen.bootsOf('cp-3');
  await admin('cp-3').call(change.reboot, { mode: 'DEFAULT' });
  await seen.until(async () => (await booted(1, 'booting')()) && (await seen.service('cp-3', 'etcd')) !== 'not there');
  clock.advance(60_000);
  expect(await seen.isHealthy('cp-3', 'etcd')).toBe(false);
  expect(await seen.stage('cp-3')).toBe('booting'); // the boot waits for all services
  expect(await operator('cp-3').call(m.etcdStatus, {})).toMatchObject({ code: 14 });
});

test('who is not a member is not found; a removal that costs the quorum is refused', async () => {
  expect(await remove('cp-1', '7')).toEqual({
    code: 5,
    text: 'failed to remove member 7: etcdserver: member not found',
  });
  await world.cluster.setPower('cp-3', 'off');
  const id = await idOf('cp-2');
  expect(await remove('cp-1', id)).toEqual({
    code: 2,
    text: `failed to remove member: failed to remove member ${id}: etcdserver: unhealthy cluster`,
  });
  expect(await remove('cp-1', await idOf('cp-3'))).toHaveProperty('reply');
  await world.cluster.setPower('cp-2', 'off');
  expect(await remove('cp-1', id)).toEqual({
    code: 2,
    text: `failed to remove member: failed to remove member ${id}: etcdserver: no leader`,
  });
});

test('on a worker none of them is there; each version has its own word for disarming', async () => {
  const only = (api: string) => ({ code: 12, text: `${api} is only available on control plane nodes` });
  const worker = admin('w-1');
  expect(await worker.call(change.etcdDefragment, {})).toEqual(only('etcd defragment'));
  expect(await worker.call(change.etcdForfeitLeadership, {})).toEqual(only('etcd forfeit leadership'));
  expect(await remove('w-1', '7')).toEqual(only('etcd remove member'));
  expect(await worker.frames(m.etcdSnapshot, {})).toEqual(only('etcd snapshot'));
  expect(await worker.call(change.etcdAlarmDisarm, {})).toEqual(only('etcd alarm disarm'));
  await world.load('version: v1.12.11');
  expect(await worker.call(change.etcdAlarmDisarm, {})).toEqual(only('etcd alarm list'));
});

test('a member that is down is neither defragmented nor saved', async () => {
  await world.load('nodes: { cp-2: { etcd: { member: removed } } }');
  const down = (doing: string) => ({ code: 14, text: expect.stringMatching(`^failed ${doing}: connection error: `) });
  expect(await operator('cp-2').call(change.etcdDefragment, {})).toEqual(down('to defragment etcd'));
  expect(await operator('cp-2').frames(m.etcdSnapshot, {})).toEqual(down('reading etcd snapshot'));
});

test('a snapshot is as large as the file, ends with its own hash, and is the same every time', async () => {
  await world.load('nodes: { cp-1: { etcd: { fileMiB: 3, inUseMiB: 2 } } }');
  const take = async () => {
    const answer = await operator('cp-1').frames(m.etcdSnapshot, {});
    return Buffer.concat('reply' in answer ? answer.reply.map(({ bytes }) => bytes) : []);
  };
  const snapshot = await take();
  expect(snapshot.length).toBe(3 * MIB + 32);
  expect(snapshot.readUInt32LE(16)).toBe(0xed0cdaed);
  const hash = createHash('sha256').update(snapshot.subarray(0, -32)).digest();
  expect(snapshot.subarray(-32).equals(hash)).toBe(true);
  expect((await take()).equals(snapshot)).toBe(true);
  const denied = { code: 7, text: 'not authorized' };
  expect(await world.to('cp-1', 'reader').frames(m.etcdSnapshot, {})).toEqual(denied);
});
