import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import type { ResetRequest } from '../../lib/talos/generated/machine/machine.ts';
import { actorOf, eventsOf, phasesOf, RESET, settle, simulateStepped } from './acting.ts';

let stepped: Awaited<ReturnType<typeof simulateStepped>>;
beforeAll(async () => {
  stepped = await simulateStepped();
});
afterAll(() => stepped.world.end());

const ask = (name: string, more: Partial<ResetRequest> = {}) =>
  stepped.world.to(name, 'admin').call(change.reset, { ...RESET, ...more });
const only = (...labels: readonly string[]) => labels.map((label) => ({ label, wipe: true }));
const partitions = (name: string) => stepped.node(name).physical.disk.partitions;
const isOff = (name: string) => () => stepped.node(name).power === 'off';

test('STATE and EPHEMERAL: the same machine comes back in maintenance mode, and nobody knows it any more', async () => {
  await stepped.world.load('version: v1.13.9\nnodes: { w-2: { kernelArgs: [talos.device.settle_time=60s] } }');
  const { nodeId } = stepped.node('w-2').physical.disk;
  const { extensions, kernelArgs, disk } = stepped.node('w-2').physical;
  const actor = actorOf(await ask('w-2'));
  expect(await stepped.world.stage('w-2')).toBe('running'); // nothing moves before time does
  stepped.clock.advance(1_000);
  expect(await stepped.world.stage('w-2')).toBe('resetting');
  await stepped.pass(() => partitions('w-2')?.STATE === false);
  expect(phasesOf(await eventsOf(stepped.world, 'w-2'), actor)).toEqual([
    ...['drain', 'cleanup', 'dbus', 'preReset', 'stopServices', 'umount', 'unmountBind', 'unmountSystem'],
    ...['volumeFinalize', 'kexec', 'stopEverything', 'forceCleanup', 'resetSpec', 'reboot'],
  ]);
  const absent = { META: true, STATE: false, EPHEMERAL: false };
  expect(disk).toMatchObject({ partitions: absent, config: undefined, nodeId: undefined });
  await stepped.pass(() => stepped.node('w-2').boot?.stage === 'maintenance', 180);
  expect(await stepped.world.stage('w-2', 'maintenance')).toBe('maintenance');
  expect(stepped.node('w-2').physical).toMatchObject({ extensions, kernelArgs });
  const members = await stepped.world.to('w-1', 'reader').list('cluster', 'Members.cluster.talos.dev');
  expect('reply' in members && Object.keys(members.reply)).not.toContain('w-2');
  expect(nodeId).not.toBe(undefined);
});

test('EPHEMERAL alone: config and identity stay, and the node comes back by itself', async () => {
  await stepped.world.load('healthy');
  const { config, nodeId, partitionUuids } = stepped.node('w-1').physical.disk;
  const before = partitionUuids.EPHEMERAL;
  expect(actorOf(await ask('w-1', { systemPartitionsToWipe: only('EPHEMERAL'), graceful: false }))).not.toBe('');
  await stepped.pass(() => partitions('w-1')?.EPHEMERAL === false);
  await stepped.pass(stepped.isRunning('w-1'));
  expect(stepped.node('w-1').physical.disk).toMatchObject({ config, nodeId });
  expect(partitions('w-1')?.EPHEMERAL).toBe(true);
  expect(stepped.node('w-1').physical.disk.partitionUuids.EPHEMERAL).not.toBe(before);
});

test('STATE without META takes the encryption key of STATE out of META, and leaves the others', async () => {
  await stepped.world.load(`nodes: { w-1: { metaKeys: { '0x09': secret, '0x0c': mine } } }`);
  await ask('w-1', { systemPartitionsToWipe: only('STATE') });
  await stepped.pass(() => partitions('w-1')?.STATE === false);
  expect(stepped.node('w-1').physical.metaKeys).toEqual({ '0x0c': 'mine' });
});

test('without a list the whole disk goes, and the machine does not start from it again', async () => {
  await stepped.world.load('healthy');
  await ask('w-1', { systemPartitionsToWipe: [], mode: 'ALL' });
  await stepped.pass(() => stepped.node('w-1').boot === undefined);
  expect(stepped.node('w-1').physical.disk).toMatchObject({ partitions: undefined, config: undefined });
  stepped.clock.advance(600_000);
  await settle(stepped.world);
  expect(stepped.node('w-1')).toMatchObject({ power: 'on', boot: undefined, pending: [] });
  expect(await stepped.world.to('w-1', 'maintenance', { deadlineMs: 300 }).list('runtime', 'X')).toHaveProperty('code');
});

test('reboot: false ends with the power off; switched on again, the machine is in maintenance mode', async () => {
  await stepped.world.load('healthy');
  await ask('w-1', { reboot: false });
  await stepped.pass(isOff('w-1'));
  expect(stepped.node('w-1').pending).toEqual([]);
  await stepped.world.cluster.setPower('w-1', 'on');
  await stepped.pass(() => stepped.node('w-1').boot?.stage === 'maintenance');
});

test.for([
  ['v1.8.4', true],
  ['v1.9.6', true],
  ['v1.10.7', false],
  ['v1.14.0', false],
] as const)('%s: entries that do not say wipe erase the whole disk: %s', async ([version, isErased]) => {
  await stepped.world.load(`version: ${version}`);
  const systemPartitionsToWipe = [{ label: 'STATE', wipe: false }];
  await ask('w-1', { systemPartitionsToWipe, reboot: false });
  await stepped.pass(isOff('w-1'));
  expect(partitions('w-1')).toEqual(isErased ? undefined : { META: true, STATE: true, EPHEMERAL: true });
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
  await stepped.world.load('healthy');
  const before = stepped.world.cluster.journal().length;
  expect(await ask('w-1', more)).toEqual({ code: 2, text });
  stepped.clock.advance(60_000);
  expect(stepped.node('w-1')).toMatchObject({ bootCount: 1, boot: { stage: 'running' } });
  expect(stepped.world.cluster.journal().slice(before)).toMatchObject([{ method: 'Reset', outcome: `2 ${text}` }]);
});

test.for([
  ['v1.8.4', 'is not ready'],
  ['v1.9.6', 'is not located'],
  ['v1.13.9', 'is not located'],
  ['v1.14.0', "is not located and doesn't reside on another volume"],
] as const)('%s: a volume that is not there %s', async ([version, why]) => {
  await stepped.world.load(`version: ${version}\nnodes: { w-1: { systemDisk: { partitions: { META: absent } } } }`);
  const refused = { code: 2, text: `failed to reset: volume "META" ${why}` };
  expect(await ask('w-1', { systemPartitionsToWipe: only('META') })).toEqual(refused);
});

test('user disks alone: the system stays as it is', async () => {
  await stepped.world.load('healthy');
  const before = stepped.world.cluster.journal().length;
  const request = { mode: 'USER_DISKS', systemPartitionsToWipe: [], userDisksToWipe: ['/dev/nvme0n1'] } as const;
  const actor = actorOf(await ask('w-1', request));
  await stepped.pass(() => stepped.node('w-1').boot?.sequence === undefined);
  expect(actor).not.toBe('');
  await stepped.pass(stepped.isRunning('w-1'));
  expect(partitions('w-1')).toEqual({ META: true, STATE: true, EPHEMERAL: true });
  expect(stepped.world.cluster.journal().slice(before)).toMatchObject([
    { method: 'Reset', request: { ...request, graceful: true, reboot: true }, outcome: 'accepted' },
  ]);
});
