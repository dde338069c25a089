import { expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import type { ResetRequest } from '../../lib/talos/generated/machine/machine.ts';
import { actorOf, eventsOf, phasesOf, RESET } from './acting.ts';
import { seenForThisFile } from './seen.ts';
import type { Identity } from './talos-calls.ts';

const { clock, seen, world } = await seenForThisFile();

const ask = (name: string, more: Partial<ResetRequest> = {}) =>
  world.to(name, 'admin').call(change.reset, { ...RESET, ...more });
const only = (...labels: readonly string[]) => labels.map((label) => ({ label, wipe: true }));
const labels = async (name: string, identity?: Identity) => Object.keys(await seen.partitions(name, identity));
/** Its system disk answers, and a partition is not on it any more. */
const isWiped = (name: string, label: string) => async () => {
  const found = await labels(name);
  return found.length > 0 && !found.includes(label);
};
const isInMaintenance = (name: string) => async () => (await seen.stage(name, 'maintenance')) === 'maintenance';
const isSilent = (name: string) => () => seen.isSilent(name);

test('STATE and EPHEMERAL: the same machine comes back in maintenance mode, and nobody knows it any more', async () => {
  await world.load('version: v1.13.9\nnodes: { w-2: { kernelArgs: [talos.device.settle_time=60s] } }');
  const [extensions, cmdline, old] = [
    await seen.extensions('w-2'),
    await seen.cmdline('w-2'),
    await seen.partitions('w-2'),
  ];
  expect(cmdline).toContain(' talos.device.settle_time=60s');
  expect(extensions).not.toEqual([]);
  expect(Object.keys(old)).toEqual(['META', 'STATE', 'EPHEMERAL']);
  const actor = actorOf(await ask('w-2'));
  expect(await seen.stage('w-2')).toBe('running'); // nothing moves before time does
  clock.advance(1_000);
  expect(await seen.stage('w-2')).toBe('resetting');
  await seen.until(isWiped('w-2', 'STATE'), { stepS: 1 });
  expect(phasesOf(await eventsOf(world, 'w-2'), actor)).toEqual([
    ...['drain', 'cleanup', 'dbus', 'preReset', 'stopServices', 'umount', 'unmountBind', 'unmountSystem'],
    ...['volumeFinalize', 'kexec', 'stopEverything', 'forceCleanup', 'resetSpec', 'reboot'],
  ]);
  expect(await seen.partitions('w-2')).toEqual({ META: old['META'] });
  await seen.until(isInMaintenance('w-2'), { stepS: 5 });
  expect(await world.stage('w-2')).toBe('14'); // its certificate was made from what STATE had
  expect(await seen.partitions('w-2', 'maintenance')).toEqual({ META: old['META'] });
  expect(await seen.extensions('w-2', 'maintenance')).toEqual(extensions);
  expect(await seen.cmdline('w-2', 'maintenance')).toBe(cmdline);
  expect(Object.keys(await seen.resources('w-1', 'cluster', 'Members.cluster.talos.dev'))).not.toContain('w-2');
});

test('EPHEMERAL alone: config and identity stay, and the node comes back by itself', async () => {
  await world.load('healthy');
  const [config, nodeId, before] = [await seen.config('w-1'), await seen.nodeId('w-1'), await seen.partitions('w-1')];
  const booted = await seen.bootsOf('w-1');
  expect(actorOf(await ask('w-1', { systemPartitionsToWipe: only('EPHEMERAL'), graceful: false }))).not.toBe('');
  await seen.until(isWiped('w-1', 'EPHEMERAL'), { stepS: 1 });
  await seen.until(booted(1));
  expect(config).toBe(world.stored('w-1').toString());
  expect(await seen.config('w-1')).toBe(config);
  expect(await seen.nodeId('w-1')).toBe(nodeId);
  const after = await seen.partitions('w-1');
  expect(after).toEqual({ ...before, EPHEMERAL: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect(after['EPHEMERAL']).not.toBe(before['EPHEMERAL']);
});

test('STATE without META takes the encryption key of STATE out of META, and leaves the others', async () => {
  await world.load(`nodes: { w-1: { metaKeys: { '0x09': secret, '0x0c': mine } } }`);
  const before = await seen.metaKeys('w-1');
  expect(before).toMatchObject({ '0x09': 'secret', '0x0c': 'mine' });
  await ask('w-1', { systemPartitionsToWipe: only('STATE') });
  await seen.until(isWiped('w-1', 'STATE'), { stepS: 1 });
  expect(await seen.metaKeys('w-1')).toEqual({ '0x0a': before['0x0a'], '0x0c': 'mine' });
});

test('without a list the whole disk goes, and the machine does not start from it again', async () => {
  await world.load('healthy');
  await ask('w-1', { systemPartitionsToWipe: [], mode: 'ALL' });
  await seen.until(async () => (await seen.stage('w-1')) === 'rebooting', { stepS: 1 });
  expect(await labels('w-1')).toEqual([]);
  clock.advance(600_000);
  expect(await seen.isSilent('w-1')).toBe(true);
  await world.cluster.setPower('w-1', 'off');
  await world.cluster.setPower('w-1', 'on');
  clock.advance(600_000);
  expect(await seen.isSilent('w-1')).toBe(true);
});

test('reboot: false ends with the power off; switched on again, the machine is in maintenance mode', async () => {
  await world.load('healthy');
  await ask('w-1', { reboot: false });
  await seen.until(isSilent('w-1'), { stepS: 5 });
  clock.advance(600_000);
  expect(await seen.isSilent('w-1')).toBe(true);
  await world.cluster.setPower('w-1', 'on'); // nothing happens where it is on
  await seen.until(isInMaintenance('w-1'));
});

test.for([
  ['v1.8.4', true],
  ['v1.9.6', true],
  ['v1.10.7', false],
  ['v1.14.0', false],
] as const)('%s: entries that do not say wipe erase the whole disk: %s', async ([version, isErased]) => {
  await world.load(`version: ${version}`);
  const systemPartitionsToWipe = [{ label: 'STATE', wipe: false }];
  await ask('w-1', { systemPartitionsToWipe, reboot: false });
  // it says farewell, and goes off
  await seen.until(async () => (await seen.stage('w-1')) === 'rebooting', { stepS: 1 });
  expect(await labels('w-1')).toEqual(isErased ? [] : ['META', 'STATE', 'EPHEMERAL']);
});

const device = (path: string, why: string) => `reset user disk failed: device ${path} ${why}`;
const unsupported = (mode: string, parameter: string) =>
  `reset failed: invalid input, wipe mode ${mode} doesn't support ${parameter} parameter`;
const noVolume =
  'failed to get volume status with label "ETCD": resource VolumeStatuses.block.talos.dev(runtime/ETCD@undefined) doesn\'t exist';
test.for<[more: Partial<ResetRequest>, text: string]>([
  [{ mode: 'SYSTEM_DISK', userDisksToWipe: ['/dev/nvme0n1'] }, unsupported('SYSTEM_DISK', 'UserDisksToWipe')],
  [{ mode: 'USER_DISKS' }, unsupported('USER_DISKS', 'SystemPartitionsToWipe')],
  [{ mode: 'ALL', userDisksToWipe: ['/dev/sdz'] }, device('/dev/sdz', "wasn't found")],
  [{ mode: 'ALL', userDisksToWipe: ['/dev/sda'] }, device('/dev/sda', 'is the system disk')],
  [{ systemPartitionsToWipe: only('STATE', 'ETCD') }, noVolume],
])('refused, written down, and nothing happens: %j', async ([more, text]) => {
  await world.load('healthy');
  const before = world.cluster.journal().length;
  const bootTime = await seen.bootTime('w-1');
  expect(await ask('w-1', more)).toEqual({ code: 2, text });
  clock.advance(60_000);
  expect(await seen.bootTime('w-1')).toBe(bootTime);
  expect(await seen.stage('w-1')).toBe('running');
  expect(world.cluster.journal().slice(before)).toMatchObject([{ method: 'Reset', outcome: `2 ${text}` }]);
});

test.for([
  ['v1.8.4', 'is not ready'],
  ['v1.9.6', 'is not located'],
  ['v1.13.9', 'is not located'],
  ['v1.14.0', "is not located and doesn't reside on another volume"],
] as const)('%s: a volume that is not there %s', async ([version, why]) => {
  await world.load(`version: ${version}\nnodes: { w-1: { systemDisk: { partitions: { META: absent } } } }`);
  const refused = { code: 2, text: `failed to reset: volume "META" ${why}` };
  expect(await ask('w-1', { systemPartitionsToWipe: only('META') })).toEqual(refused);
});

test('user disks alone: the system stays as it is', async () => {
  await world.load('healthy');
  const before = world.cluster.journal().length;
  const request = { mode: 'USER_DISKS', systemPartitionsToWipe: [], userDisksToWipe: ['/dev/nvme0n1'] } as const;
  const partitions = await seen.partitions('w-1');
  const booted = await seen.bootsOf('w-1');
  expect(actorOf(await ask('w-1', request))).toMatch(/^[0-9a-f-]{36}$/);
  await seen.until(booted(1));
  expect(await seen.partitions('w-1')).toEqual(partitions);
  expect(Object.keys(partitions)).toEqual(['META', 'STATE', 'EPHEMERAL']);
  expect(world.cluster.journal().slice(before)).toMatchObject([
    { method: 'Reset', request: { ...request, graceful: true, reboot: true }, outcome: 'accepted' },
  ]);
});
