import { expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import type { UpgradeRequest } from '../../lib/talos/generated/machine/machine.ts';
import { actorOf, eventsOf, phasesOf, RESET, UPGRADE } from './acting.ts';
import { createSchematic } from './schematics.ts';
import { seenForThisFile } from './seen.ts';
import { sequencesIn } from './simulated.ts';

const { clock, seen, world } = await seenForThisFile();

/** The schematic that workers run: iscsi-tools and util-linux-tools. */
const SAME = '613e1592b2da41ae5e265e8789429f22e121aab91cb4deb6bc3c0b6262961245';
const factory = (version: string, schematic = SAME) => `factory.talos.dev/metal-installer/${schematic}:${version}`;
const schematicOf = (extensions: readonly string[]) =>
  extensions.find((text) => text.startsWith('schematic '))?.slice(10);

const ask = (name: string, image: string, more: Partial<UpgradeRequest> = {}) =>
  world.to(name, 'admin').call(change.upgrade, { ...UPGRADE, image, ...more });
const rollback = (name: string) => world.to(name, 'admin').call(change.rollback, {});
const metaKeys = async (name: string) => Object.keys(await seen.metaKeys(name));
const isStage = (name: string, stage: string) => async () => (await seen.stage(name)) === stage;
/** The installer has written the other boot entry, and nothing has rebooted yet. */
const isInstalled = (name: string) => async () => (await metaKeys(name)).includes('0x06');

test('a worker: drained, installed, rebooted into the new version; the fallback stays until it is running and ready', async () => {
  await world.load('version: v1.12.11\nnodes: { w-1: { kernelArgs: [talos.device.settle_time=60s] } }');
  const [extensions, cmdline] = [await seen.extensions('w-1'), await seen.cmdline('w-1')];
  const schematic = schematicOf(extensions);
  expect(schematic).not.toBe(SAME); // the kernel argument is part of it
  expect(cmdline).toMatch(/^BOOT_IMAGE=\/A\/vmlinuz .* talos\.device\.settle_time=60s$/);
  const booted = await seen.bootsOf('w-1');
  const answer = await ask('w-1', factory('v1.13.9', schematic));
  expect(answer).toMatchObject({ reply: { messages: [{ ack: 'Upgrade request received' }] } });
  await seen.until(isInstalled('w-1'), { stepS: 1 });
  expect(await seen.metaKeys('w-1')).toMatchObject({ '0x06': 'A' });
  expect(await seen.isCordoned('w-1')).toBe(true);
  expect(await seen.version('w-1')).toBe('v1.12.11');
  expect(await seen.stage('w-1')).toBe('upgrading');
  expect(phasesOf(await eventsOf(world, 'w-1'), actorOf(answer)).slice(0, 9)).toEqual([
    ...['drain', 'cleanup', 'dbus', 'stopServices', 'unmount', 'unmountBind', 'unmountSystem', 'volumeFinalize'],
    'upgrade',
  ]);
  await seen.until(booted(1, 'booting'));
  expect(await seen.version('w-1')).toBe('v1.13.9');
  expect(await seen.extensions('w-1')).toEqual(extensions);
  expect(await seen.cmdline('w-1')).toBe(cmdline.replace('BOOT_IMAGE=/A/', 'BOOT_IMAGE=/B/'));
  expect(await metaKeys('w-1')).toContain('0x06');
  await seen.until(booted(1));
  expect(await metaKeys('w-1')).not.toContain('0x06');
});

test('rollback: the boot entry before comes back, with its version and extensions, and then the newer one again', async () => {
  await world.load('version: v1.13.9');
  const [extensions, cmdline] = [await seen.extensions('w-1'), await seen.cmdline('w-1')];
  expect(extensions).not.toEqual([]);
  const booted = await seen.bootsOf('w-1');
  await ask('w-1', 'ghcr.io/siderolabs/installer:v1.13.10');
  await seen.until(booted(1));
  expect(await seen.version('w-1')).toBe('v1.13.10');
  expect(await seen.extensions('w-1')).toEqual([]);
  const answer = await rollback('w-1');
  expect(answer).toMatchObject({ reply: { messages: [{}] } });
  expect(JSON.stringify(answer)).not.toContain('actorId');
  await seen.until(booted(2));
  expect(await seen.version('w-1')).toBe('v1.13.9');
  expect(await seen.extensions('w-1')).toEqual(extensions);
  expect(await seen.cmdline('w-1')).toBe(cmdline);
  expect(cmdline).toMatch(/^BOOT_IMAGE=\/A\//);
  await rollback('w-1');
  await seen.until(booted(3));
  expect(await seen.version('w-1')).toBe('v1.13.10');
});

test('rollback takes over an upgrade that goes on; without another entry or a system disk it is refused', async () => {
  await world.load('nodes: { w-2: { systemDisk: { partitions: { META: absent } } } }');
  const noEntry = { code: 2, text: 'cannot rollback to "", label does not exist' };
  expect(await rollback('w-1')).toEqual(noEntry);
  expect(await rollback('w-2')).toEqual({ code: 9, text: 'system disk not found' });
  const booted = await seen.bootsOf('w-1');
  await ask('w-1', factory('v1.13.10'));
  await seen.until(isInstalled('w-1'), { stepS: 1 });
  expect(await rollback('w-1')).toHaveProperty('reply');
  clock.advance(500);
  expect(sequencesIn(await eventsOf(world, 'w-1')).slice(-2)).toMatchObject([
    { sequence: 'upgrade', action: 'NOOP', error: { code: 'CANCELED' } },
    { sequence: 'reboot', action: 'START', actorId: '' },
  ]);
  await seen.until(booted(1));
  expect(await seen.version('w-1')).toBe('v1.13.9');
});

test('another schematic brings what the factory builds for it', async () => {
  await world.load('healthy');
  const id = await createSchematic(
    world,
    'customization: { extraKernelArgs: [panic=0], systemExtensions: { officialExtensions: [siderolabs/drbd] } }',
  );
  const booted = await seen.bootsOf('w-1');
  await ask('w-1', factory('v1.13.9', id));
  await seen.until(booted(1));
  expect(await seen.extensions('w-1')).toEqual(['drbd v9.2.16', `schematic ${id}`, 'modules.dep ']);
  expect(await seen.cmdline('w-1')).toMatch(/ panic=0$/);
});

test.for([
  ['v1.9.6', 'v1.13.9', 'host version 1.9.6 is too old to upgrade to Talos 1.13.9'],
  ['v1.13.9', 'v1.10.7', 'host version 1.13.9 is too new to downgrade to Talos 1.10.7'],
] as const)('from %s to %s: the installer gives up, and the node reboots as it was', async ([from, target, why]) => {
  await world.load(`version: ${from}`);
  const booted = await seen.bootsOf('w-1');
  expect(actorOf(await ask('w-1', factory(target)))).toMatch(/^[0-9a-f-]{36}$/);
  await seen.until(isStage('w-1', 'rebooting'), { stepS: 1 });
  expect(sequencesIn(await eventsOf(world, 'w-1')).at(-1)?.error).toMatchObject({
    code: 'FATAL',
    message: expect.stringMatching(/in upgrade sequence: task 1\/1: failed, task "upgrade" failed: exit code 1$/),
  });
  expect((await seen.kernelLog('w-1')).join('\n')).toContain(why);
  await seen.until(booted(1));
  expect(await seen.version('w-1')).toBe(from);
});

test('a failure before the upgrade is confirmed falls back to the version before', async () => {
  await world.load('version: v1.12.11\ncluster: { controlPlanes: 1 }');
  const booted = await seen.bootsOf('cp-1');
  await ask('cp-1', factory('v1.13.9'));
  await seen.until(booted(1, 'booting'));
  expect(await seen.version('cp-1')).toBe('v1.13.9');
  await seen.until(() => seen.isHealthy('cp-1', 'etcd'), { stepS: 1 });
  expect(await metaKeys('cp-1')).toContain('0x06');
  const refused = { ...RESET, systemPartitionsToWipe: [] }; // the only member of etcd cannot leave
  expect(await world.to('cp-1', 'admin').call(change.reset, refused)).toHaveProperty('reply');
  await seen.until(booted(2));
  expect(await seen.version('cp-1')).toBe('v1.12.11');
  expect(await metaKeys('cp-1')).not.toContain('0x06');
});

test('staged: a reboot, the installation early in the next boot, and a second reboot', async () => {
  await world.load('version: v1.12.11');
  await ask('w-1', factory('v1.13.9'), { stage: true });
  expect(await metaKeys('w-1')).toEqual(expect.arrayContaining(['0x07', '0x08']));
  const met: string[] = [];
  await seen.until(async () => {
    const port = await seen.port('w-1');
    if (port !== met.at(-1)) met.push(port);
    return port === 'answers' && met.length > 1 && (await seen.stage('w-1')) === 'running';
  });
  // apid starts after an installation
  expect(met).toEqual(['answers', 'silent', 'refused', 'silent', 'refused', 'answers']);
  expect(await seen.version('w-1')).toBe('v1.13.9');
  expect(await metaKeys('w-1')).toEqual(['0x0a']);
});

test.for([
  'ghcr.io/siderolabs/installer:v1.14.0',
  'ghcr.io/siderolabs/installer:latest',
  'docker.io/library/alpine:3',
  factory('v1.13.9', 'short'),
  factory('v1.13.9', 'b'.repeat(64)),
  factory('v1.13.99'),
  factory('v1.9.6'),
])('an image that no registry has is refused: %s', async (image) => {
  await world.load('healthy');
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
  await world.load('healthy');
  expect(await ask('w-1', image)).toHaveProperty('reply');
});

test('before 1.13 nobody looks whether Talos is installed', async () => {
  const nodes = 'nodes: { w-1: { systemDisk: { partitions: { META: absent } } } }';
  await world.load(`version: v1.13.9\n${nodes}`);
  expect(await ask('w-1', factory('v1.13.9'))).toEqual({ code: 9, text: 'Talos is not installed' });
  await world.load(`version: v1.12.11\n${nodes}`);
  expect(await ask('w-1', factory('v1.12.11'))).toHaveProperty('reply');
});
