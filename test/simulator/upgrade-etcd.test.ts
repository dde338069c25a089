import { beforeEach, expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import type { UpgradeRequest } from '../../lib/talos/generated/machine/machine.ts';
import { RESET, UPGRADE } from './acting.ts';
import { seenForThisFile } from './seen.ts';

const { clock, seen, world } = await seenForThisFile();
beforeEach(async () => {
  await world.load('healthy');
  clock.advance(10_000); // whoever held the mutex gives it back
});

const IMAGE = 'ghcr.io/siderolabs/installer:v1.11.5';
const ask = (name: string, more: Partial<UpgradeRequest> = {}) =>
  world.to(name, 'admin').call(change.upgrade, { ...UPGRADE, image: IMAGE, ...more });
const hex = (memberId: string) => BigInt(memberId).toString(16).padStart(16, '0');

test('one control plane at a time: a second one finds the mutex taken', async () => {
  expect(await ask('cp-1')).toHaveProperty('reply');
  expect(await ask('cp-2')).toEqual({
    code: 2,
    text: 'failed to acquire upgrade mutex: error trying to lock etcd upgrade mutex: mutex: Locked by another session',
  });
  expect(await ask('w-1')).toHaveProperty('reply'); // a worker asks etcd nothing
});

test('an etcd that is out of space gives nobody the lease that the mutex needs', async () => {
  await world.load('nodes: { cp-2: { etcd: { fileMiB: 2048, inUseMiB: 210, alarm: NOSPACE } } }');
  const cause = 'etcdserver: mvcc: database space exceeded';
  expect(await ask('cp-1')).toEqual({
    code: 2,
    text: `failed to acquire upgrade mutex: error establishing etcd concurrency session: ${cause}`,
  });
});

test('every member must be healthy and started, and two of them are too few', async () => {
  const memberId = await seen.memberId('cp-1', 'cp-3');
  await world.cluster.setPower('cp-3', 'off');
  const unhealthy = 'is not healthy; all members must be healthy to perform an upgrade';
  expect(await ask('cp-1')).toEqual({
    code: 2,
    text: expect.stringContaining(`error validating etcd for upgrade: etcd member ${hex(memberId)} ${unhealthy}`),
  });
  const removed = await world.to('cp-1', 'admin').call(change.etcdRemoveMemberById, { memberId });
  expect(removed).toHaveProperty('reply');
  expect(await ask('cp-1')).toEqual({
    code: 2,
    text: 'error validating etcd for upgrade: etcd member count(2) is insufficient to maintain quorum if upgrade commences',
  });
});

test('a member that has joined and not told its name is not started', async () => {
  const systemPartitionsToWipe = [{ label: 'EPHEMERAL', wipe: true }];
  await world.to('cp-3', 'admin').call(change.reset, { ...RESET, systemPartitionsToWipe });
  await seen.until(async () => (await seen.names('cp-1')).includes(''), { stepS: 1 });
  const member = `etcd member ${hex(await seen.memberId('cp-1', ''))}`;
  expect(await ask('cp-1')).toEqual({
    code: 2,
    text: `error validating etcd for upgrade: ${member} is not started, all members must be running to perform an upgrade`,
  });
});

test.for([
  ['v1.11.5', { preserve: true }, false],
  ['v1.12.11', { preserve: true }, true],
  ['v1.11.5', { force: true }, true],
] as const)('%s, %j: goes past the checks: %s', async ([version, more, goesPast]) => {
  await world.load(`version: ${version}`);
  await world.cluster.setPower('cp-3', 'off');
  const seen = await ask('cp-1', more);
  if (goesPast) expect(seen).toHaveProperty('reply');
  else expect(seen).toMatchObject({ text: expect.stringContaining('error validating etcd for upgrade') });
});

test('without Kubernetes nobody cordons the node: a minute later the upgrade fails, and the node reboots as it was', async () => {
  await world.cluster.setPower('cp-2', 'off');
  await world.cluster.setPower('cp-3', 'off');
  const booted = await seen.bootsOf('w-1');
  expect(await ask('w-1')).toHaveProperty('reply');
  clock.advance(50_000);
  expect(await seen.stage('w-1')).toBe('upgrading');
  await seen.until(booted(1));
  expect(await seen.version('w-1')).toBe('v1.13.9');
  // nothing was installed that the next reboot could start
  await world.to('w-1', 'admin').call(change.reboot, { mode: 'DEFAULT' });
  await seen.until(booted(2));
  expect(await seen.version('w-1')).toBe('v1.13.9');
});
