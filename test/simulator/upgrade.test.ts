import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import type { UpgradeRequest } from '../../lib/talos/generated/machine/machine.ts';
import { actorOf, eventsOf, phasesOf, settle, simulateStepped, UPGRADE } from './acting.ts';
import { sequencesIn } from './simulated.ts';

let stepped: Awaited<ReturnType<typeof simulateStepped>>;
beforeAll(async () => {
  stepped = await simulateStepped();
});
afterAll(() => stepped.world.end());

/** The schematic that the nodes run, and another one. */
const SAME = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';
const OTHER = 'a'.repeat(64);
const factory = (version: string, schematic = SAME) => `factory.talos.dev/metal-installer/${schematic}:${version}`;

const ask = (name: string, image: string, more: Partial<UpgradeRequest> = {}) =>
  stepped.world.to(name, 'admin').call(change.upgrade, { ...UPGRADE, image, ...more });
const rollback = (name: string) => stepped.world.to(name, 'admin').call(change.rollback, {});
const metaKeys = async (name: string) => {
  const seen = await stepped.world.to(name, 'reader').list('runtime', 'MetaKeys.runtime.talos.dev');
  return 'reply' in seen ? Object.keys(seen.reply) : [];
};
const booted = (name: string, times: number) => () =>
  stepped.node(name).bootCount === times && stepped.isRunning(name)();

test('a worker: drained, installed, rebooted into the new version; the fallback stays until it is running and ready', async () => {
  await stepped.world.load('version: v1.12.11\nnodes: { w-1: { kernelArgs: [talos.device.settle_time=60s] } }');
  const { extensions, kernelArgs } = stepped.node('w-1').physical;
  const seen = await ask('w-1', factory('v1.13.9'));
  expect(seen).toMatchObject({ reply: { messages: [{ ack: 'Upgrade request received' }] } });
  await stepped.pass(() => stepped.node('w-1').physical.next !== undefined);
  const status = await stepped.world.to('w-1', 'reader').list('k8s', 'NodeStatuses.kubernetes.talos.dev');
  expect(status).toMatchObject({ reply: { 'w-1': { unschedulable: true } } });
  expect(stepped.node('w-1')).toMatchObject({ physical: { version: 'v1.12.11' }, boot: { stage: 'upgrading' } });
  expect(phasesOf(await eventsOf(stepped.world, 'w-1'), actorOf(seen)).slice(0, 9)).toEqual([
    ...['drain', 'cleanup', 'dbus', 'stopServices', 'unmount', 'unmountBind', 'unmountSystem', 'volumeFinalize'],
    'upgrade',
  ]);
  await stepped.pass(() => stepped.node('w-1').bootCount === 2 && stepped.node('w-1').boot?.api === 'running');
  expect(stepped.node('w-1').physical).toMatchObject({ version: 'v1.13.9', extensions, kernelArgs, bootLabel: 'B' });
  expect(await metaKeys('w-1')).toContain('0x06');
  await stepped.pass(stepped.isRunning('w-1'));
  expect(await metaKeys('w-1')).not.toContain('0x06');
});

test('rollback: the boot entry before comes back, with its version and extensions, and then the newer one again', async () => {
  await stepped.world.load('version: v1.13.9');
  const { extensions } = stepped.node('w-1').physical;
  await ask('w-1', 'ghcr.io/siderolabs/installer:v1.13.10');
  await stepped.pass(booted('w-1', 2));
  expect(stepped.node('w-1').physical).toMatchObject({ version: 'v1.13.10', extensions: [] });
  const seen = await rollback('w-1');
  expect(seen).toMatchObject({ reply: { messages: [{}] } });
  expect(JSON.stringify(seen)).not.toContain('actorId');
  await stepped.pass(booted('w-1', 3));
  expect(stepped.node('w-1').physical).toMatchObject({ version: 'v1.13.9', extensions, bootLabel: 'A' });
  await rollback('w-1');
  await stepped.pass(booted('w-1', 4));
  expect(stepped.node('w-1').physical.version).toBe('v1.13.10');
});

test('rollback takes over an upgrade that goes on; without another entry or a system disk it is refused', async () => {
  await stepped.world.load('nodes: { w-2: { systemDisk: { partitions: { META: absent } } } }');
  const noEntry = { code: 2, text: 'cannot rollback to "", label does not exist' };
  expect(await rollback('w-1')).toEqual(noEntry);
  expect(await rollback('w-2')).toEqual({ code: 9, text: 'system disk not found' });
  await ask('w-1', factory('v1.13.10'));
  await stepped.pass(() => stepped.node('w-1').physical.next !== undefined);
  expect(await rollback('w-1')).toHaveProperty('reply');
  stepped.clock.advance(500);
  expect(sequencesIn(await eventsOf(stepped.world, 'w-1')).slice(-2)).toMatchObject([
    { sequence: 'upgrade', action: 'NOOP', error: { code: 'CANCELED' } },
    { sequence: 'reboot', action: 'START', actorId: '' },
  ]);
  await stepped.pass(booted('w-1', 2));
  expect(stepped.node('w-1').physical.version).toBe('v1.13.9');
});

test('another schematic brings what the cluster knows of it, one that nobody knows brings nothing', async () => {
  await stepped.world.load('healthy');
  const drbd = { name: 'drbd', version: '9.2.14', image: 'ghcr.io/siderolabs/drbd:9.2.14' };
  stepped.world.cluster.state.schematics = { [OTHER]: { extensions: [drbd], kernelArgs: ['panic=0'] } };
  await ask('w-1', factory('v1.13.9', OTHER));
  await ask('w-2', factory('v1.13.9', 'b'.repeat(64)));
  await stepped.pass(() => booted('w-1', 2)() && booted('w-2', 2)());
  expect(stepped.node('w-1').physical).toMatchObject({
    extensions: [drbd, { name: 'schematic', version: OTHER }],
    kernelArgs: ['panic=0'],
  });
  expect(stepped.node('w-2').physical.extensions).toMatchObject([{ name: 'schematic', version: 'b'.repeat(64) }]);
});

test.for([
  ['v1.9.6', 'v1.13.9', 'host version 1.9.6 is too old to upgrade to Talos 1.13.9'],
  ['v1.13.9', 'v1.10.7', 'host version 1.13.9 is too new to downgrade to Talos 1.10.7'],
] as const)('from %s to %s: the installer gives up, and the node reboots as it was', async ([from, target, why]) => {
  await stepped.world.load(`version: ${from}`);
  expect(actorOf(await ask('w-1', factory(target)))).toMatch(/^[0-9a-f-]{36}$/);
  await stepped.pass(() => stepped.node('w-1').pending.some(({ step }) => step.kind === 'falls_silent'));
  expect(sequencesIn(await eventsOf(stepped.world, 'w-1')).at(-1)?.error).toMatchObject({
    code: 'FATAL',
    message: expect.stringMatching(/in upgrade sequence: task 1\/1: failed, task "upgrade" failed: exit code 1$/),
  });
  expect(JSON.stringify(stepped.node('w-1').boot?.kernelLog)).toContain(why);
  await stepped.pass(booted('w-1', 2));
  expect(stepped.node('w-1').physical.version).toBe(from);
});

test('a failure before the upgrade is confirmed falls back to the version before', async () => {
  await stepped.world.load('version: v1.12.11');
  await ask('cp-1', factory('v1.13.9'));
  await stepped.pass(() => stepped.node('cp-1').bootCount === 2 && stepped.node('cp-1').boot?.api === 'running');
  const { etcd } = stepped.world.cluster.state;
  await stepped.pass(() => stepped.node('cp-1').boot?.services['etcd']?.state === 'Running');
  const all = etcd.members;
  etcd.members = all.filter(({ node }) => node === 'cp-1');
  const request = {
    graceful: true,
    reboot: true,
    mode: 'SYSTEM_DISK',
    systemPartitionsToWipe: [],
    userDisksToWipe: [],
  };
  expect(
    await stepped.world.to('cp-1', 'admin').call(change.reset, { ...request, mode: 'SYSTEM_DISK' }),
  ).toHaveProperty('reply');
  await stepped.pass(booted('cp-1', 3));
  etcd.members = all;
  expect(stepped.node('cp-1').physical.version).toBe('v1.12.11');
  expect(await metaKeys('cp-1')).not.toContain('0x06');
});

test('staged: a reboot, the installation early in the next boot, and a second reboot', async () => {
  await stepped.world.load('version: v1.12.11');
  await ask('w-1', factory('v1.13.9'), { stage: true });
  expect(await metaKeys('w-1')).toEqual(expect.arrayContaining(['0x07', '0x08']));
  await stepped.pass(() => stepped.node('w-1').boot?.stage === 'installing');
  expect(stepped.node('w-1')).toMatchObject({ bootCount: 2, physical: { version: 'v1.12.11' } });
  await stepped.pass(booted('w-1', 3));
  expect(stepped.node('w-1').physical.version).toBe('v1.13.9');
  expect(await metaKeys('w-1')).toEqual(['0x0a']);
});

test.for([
  'ghcr.io/siderolabs/installer:v1.14.0',
  'ghcr.io/siderolabs/installer:latest',
  'docker.io/library/alpine:3',
  factory('v1.13.9', 'short'),
  factory('v1.9.6'),
])('an image that no registry has is refused: %s', async (image) => {
  await stepped.world.load('healthy');
  expect(await ask('w-1', image)).toEqual({
    code: 2,
    text: expect.stringContaining(`error validating installer image "${image}": `),
  });
});

test.for([
  'ghcr.io/siderolabs/installer:v1.13.9',
  `factory.talos.dev/installer/${SAME}:v1.12.11`,
  `factory.talos.dev/aws-installer-secureboot/${SAME}:v1.14.0`,
])('an image that there is starts an upgrade: %s', async (image) => {
  await stepped.world.load('healthy');
  expect(await ask('w-1', image)).toHaveProperty('reply');
});

test('before 1.13 nobody looks whether Talos is installed', async () => {
  const nodes = 'nodes: { w-1: { systemDisk: { partitions: { META: absent } } } }';
  await stepped.world.load(`version: v1.13.9\n${nodes}`);
  expect(await ask('w-1', factory('v1.13.9'))).toEqual({ code: 9, text: 'Talos is not installed' });
  await stepped.world.load(`version: v1.12.11\n${nodes}`);
  expect(await ask('w-1', factory('v1.12.11'))).toHaveProperty('reply');
  await settle(stepped.world);
});
