import { expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import type { ResetRequest } from '../../lib/talos/generated/machine/machine.ts';
import { actorOf, eventsOf, RESET } from './acting.ts';
import { seenForThisFile } from './seen.ts';
import { sequencesIn } from './simulated.ts';

const { clock, seen, world } = await seenForThisFile();

const reset = async (name: string, more: Partial<ResetRequest> = {}) =>
  actorOf(await world.to(name, 'admin').call(change.reset, { ...RESET, ...more }));
const EPHEMERAL = { systemPartitionsToWipe: [{ label: 'EPHEMERAL', wipe: true }] };

const EVERYBODY = ['cp-1', 'cp-2', 'cp-3'];

test('gracefully: the member leaves before anything is wiped; with its config it comes back as another one', async () => {
  await world.load('healthy');
  const old = await seen.memberId('cp-1', 'cp-2');
  const partitions = await seen.partitions('cp-2');
  const booted = await seen.bootsOf('cp-2');
  await reset('cp-2', EPHEMERAL);
  await seen.until(async () => (await seen.members('cp-1')).length === 2, { stepS: 1 });
  expect(await seen.partitions('cp-2')).toEqual(partitions);
  expect(await seen.names('cp-1')).toEqual(['cp-1', 'cp-3']);
  await seen.until(async () => (await seen.members('cp-1')).length === 3, { stepS: 1 });
  expect((await seen.members('cp-1'))[2]).toMatchObject({ id: expect.not.stringMatching(`^${old}$`), isLearner: true });
  expect(await seen.names('cp-1')).toEqual(['cp-1', 'cp-3', '']);
  await seen.until(async () => (await seen.members('cp-1')).every(({ isLearner }) => !isLearner));
  await seen.until(booted(1));
  expect(await seen.names('cp-1')).toEqual(['cp-1', 'cp-3', 'cp-2']);
});

test('not gracefully: a dead member stays behind, until somebody removes it', async () => {
  await world.load('healthy');
  const before = await seen.members('cp-1');
  await reset('cp-3', { graceful: false });
  await seen.until(async () => (await seen.stage('cp-3', 'maintenance')) === 'maintenance');
  expect(before).toHaveLength(3);
  expect(await seen.members('cp-1')).toEqual(before);
  const memberId = await seen.memberId('cp-1', 'cp-3');
  expect(await world.to('cp-1', 'admin').call(change.etcdRemoveMemberById, { memberId })).toHaveProperty('reply');
  expect((await seen.names('cp-2')).toSorted()).toEqual(['cp-1', 'cp-2']);
});

test('EPHEMERAL, not gracefully: the node takes the place of its own dead member', async () => {
  await world.load('healthy');
  const before = await seen.memberId('cp-1', 'cp-3');
  const booted = await seen.bootsOf('cp-3');
  await reset('cp-3', { ...EPHEMERAL, graceful: false });
  await seen.until(async () => /^Finished: /.test(await seen.service('cp-3', 'etcd')), { stepS: 1 });
  await seen.until(booted(1));
  await seen.until(() => seen.isHealthy('cp-3', 'etcd'));
  expect((await seen.names('cp-1')).toSorted()).toEqual(EVERYBODY);
  expect(await seen.memberId('cp-1', 'cp-3')).not.toBe(before);
});

test('the last member cannot leave: the sequence fails, and the node reboots unwiped', async () => {
  await world.load('cluster: { controlPlanes: 1 }');
  const [config, partitions] = [await seen.config('cp-1'), await seen.partitions('cp-1')];
  const [member] = await seen.members('cp-1');
  const booted = await seen.bootsOf('cp-1');
  await reset('cp-1');
  await seen.until(async () => (await seen.stage('cp-1')) === 'rebooting', { stepS: 1 });
  const error = sequencesIn(await eventsOf(world, 'cp-1')).at(-1)?.error;
  const cause = 'etcdserver: re-configuration failed due to not enough started members';
  expect(error).toMatchObject({
    code: 'FATAL',
    message: `sequence failed: error running phase 4 in reset sequence: task 1/1: failed, failed to leave cluster: failed to remove member ${member?.id}: ${cause}`,
  });
  await seen.until(booted(1));
  expect(await seen.config('cp-1')).toBe(config);
  expect(await seen.partitions('cp-1')).toEqual(partitions);
  expect(await seen.members('cp-1')).toEqual([member]);
});

test('with another member down etcd does not let it go: five minutes of tries, then a reboot', async () => {
  await world.load('healthy');
  await world.cluster.setPower('cp-3', 'off');
  const partitions = await seen.partitions('cp-2');
  const booted = await seen.bootsOf('cp-2');
  await reset('cp-2');
  clock.advance(240_000);
  expect(await seen.stage('cp-2')).toBe('resetting');
  await seen.until(booted(1), { stepS: 5 });
  expect(await seen.partitions('cp-2')).toEqual(partitions);
  expect((await seen.names('cp-1')).toSorted()).toEqual(EVERYBODY);
});
