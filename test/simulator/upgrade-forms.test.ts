import { expect, test } from 'vitest';
import { machineChanges as change, imageService, lifecycleService } from '../../lib/talos/changing-methods.ts';
import type { UpgradeRequest } from '../../lib/talos/generated/machine/machine.ts';
import { actorOf, eventsOf, phasesOf, REBOOT, UPGRADE } from './acting.ts';
import { apply, changed } from './applying.ts';
import { createSchematic } from './schematics.ts';
import { screenOf } from './screen.ts';
import { seenForThisFile } from './seen.ts';
import { sequencesIn } from './simulated.ts';

const { clock, seen, world } = await seenForThisFile();

const NODE = 'w-1';
const plain = (version: string) => `ghcr.io/siderolabs/installer:${version}`;
/** iscsi-tools and util-linux-tools. */
const SCHEMATIC = '613e1592b2da41ae5e265e8789429f22e121aab91cb4deb6bc3c0b6262961245';
const factory = (version: string) => `factory.talos.dev/metal-installer/${SCHEMATIC}:${version}`;
const ask = (name: string, image: string, more: Partial<UpgradeRequest> = {}) =>
  world.to(name, 'admin').call(change.upgrade, { ...UPGRADE, image, ...more });
const isDying = (name: string) => async () => (await seen.stage(name)) === 'rebooting';

const STOP = ['stopServices', 'unmount', 'unmountBind', 'unmountSystem', 'volumeFinalize'];
const REST = ['upgrade', 'meta', 'kexec', 'stopEverything', 'reboot'];
const CLEAN = ['drain', 'cleanup', 'dbus'];
const STAGE = ['cleanup', 'dbus', 'stopServices', 'umount', 'unmountBind', 'unmountSystem', 'volumeFinalize'];
test.for<[version: string, name: string, more: Partial<UpgradeRequest>, phases: string[]]>([
  ['v1.9.6', 'w-1', {}, [...CLEAN, 'stopServices', 'unmountUser', ...STOP.slice(1), ...REST]],
  ['v1.13.9', 'cp-1', {}, [...CLEAN, ...STOP, ...REST]],
  ['v1.13.9', 'w-1', { rebootMode: 'POWERCYCLE' }, [...CLEAN, ...STOP, ...REST.filter((name) => name !== 'kexec')]],
  [
    'v1.14.0',
    'w-1',
    {},
    ['denyNewServices', ...CLEAN, ...STOP.slice(0, 3), 'unmountPromotable', ...STOP.slice(3), ...REST],
  ],
  ['v1.12.11', 'w-1', { stage: true }, [...STAGE, 'kexec', 'stopEverything', 'reboot']],
  ['v1.12.11', 'w-1', { stage: true, rebootMode: 'POWERCYCLE' }, [...STAGE, 'stopEverything', 'reboot']],
])('%s, %s, %j: the phases in their order; no member leaves etcd', async ([version, name, more, phases]) => {
  await world.load(`version: ${version}`);
  const actor = actorOf(await ask(name, imageFor(version), more));
  await seen.until(isDying(name), { stepS: 1 });
  expect(phasesOf(await eventsOf(world, name), actor)).toEqual(phases);
  expect((await seen.names('cp-2')).toSorted()).toEqual(['cp-1', 'cp-2', 'cp-3']);
});
/** Of the same version, as the factory names it. */
const imageFor = (version: string) =>
  version === 'v1.9.6' ? `factory.talos.dev/installer/${SCHEMATIC}:${version}` : factory(version);

test('the same version with the plain image drops every extension, and its service with it', async () => {
  await world.load('version: v1.13.9');
  const booted = await seen.bootsOf(NODE);
  expect(await seen.extensions(NODE)).toContain('iscsi-tools v0.2.0');
  expect(await seen.service(NODE, 'ext-iscsid')).toMatch(/^Running: /);
  await ask(NODE, plain('v1.13.9'));
  await seen.until(booted(1));
  expect(await seen.extensions(NODE)).toEqual([]);
  expect(await seen.service(NODE, 'ext-iscsid')).toBe('not there');
});

test('an upgrade keeps config, identity and data, and takes what was staged into effect', async () => {
  await world.load('version: v1.12.11');
  const facts = async () => ({ nodeId: await seen.nodeId(NODE), partitions: await seen.partitions(NODE) });
  const [before, booted] = [await facts(), await seen.bootsOf(NODE)];
  const text = changed(world.stored(NODE).toString(), { 'machine.nodeLabels.tier': 'gold' });
  await apply(world, NODE, text, { mode: 'STAGED' });
  await ask(NODE, factory('v1.13.9'));
  await seen.until(booted(1));
  expect(await seen.version(NODE)).toBe('v1.13.9');
  expect(await facts()).toEqual(before);
  expect(await seen.config(NODE)).toBe(text);
  const status = await world.to(NODE, 'reader').list('k8s', 'NodeStatuses.kubernetes.talos.dev');
  expect(JSON.stringify(status)).toContain('"tier":"gold"');
});

test('staged, and too far: the next boot fails to install, and the machine boots as it was', async () => {
  await world.load('version: v1.12.11');
  await ask(NODE, plain('v1.9.6'), { stage: true });
  // apid starts after an installation, so that its reasons are on the screen only
  await seen.until(async () => screenOf(world, NODE).includes('rebooting in 10 seconds'), { stepS: 1 });
  expect(screenOf(world, NODE)).toContain('is too new to downgrade to Talos 1.9.6');
  expect(await seen.port(NODE)).toBe('refused');
  await seen.until(async () => (await seen.stage(NODE)) === 'running');
  expect(await seen.version(NODE)).toBe('v1.12.11');
  expect(Object.keys(await seen.metaKeys(NODE))).toEqual(['0x0a']);
});

test('a new version whose boot never ends: after its 70 minutes the machine falls back to the version before', async () => {
  await world.load('version: v1.12.11');
  const customization = '{ systemExtensions: { officialExtensions: [siderolabs/tailscale] } }';
  const schematic = await createSchematic(world, `customization: ${customization}`);
  const before = await seen.extensions(NODE);
  expect(before).toEqual(['iscsi-tools v0.2.0', 'util-linux-tools 2.41.2', `schematic ${SCHEMATIC}`]);
  const booted = await seen.bootsOf(NODE);
  await ask(NODE, `factory.talos.dev/metal-installer/${schematic}:v1.13.9`);
  await seen.until(booted(1, 'booting'));
  expect(await seen.version(NODE)).toBe('v1.13.9');
  clock.advance(3_600_000);
  expect(await seen.stage(NODE)).toBe('booting');
  expect(Object.keys(await seen.metaKeys(NODE))).toContain('0x06');
  await seen.until(booted(2), { stepS: 10, maxS: 900 });
  expect(await seen.version(NODE)).toBe('v1.12.11');
  expect(await seen.extensions(NODE)).toEqual(before);
  expect(Object.keys(await seen.metaKeys(NODE))).not.toContain('0x06');
});

const SYSTEM = { driver: 'CRI', namespace: 'NS_SYSTEM' } as const;
test('the upgrade of 1.13 looks at nobody else: no etcd check, no cordon, no sequence, no reboot', async () => {
  await world.load('version: v1.13.9');
  await world.cluster.setPower('cp-3', 'off');
  expect(await ask('cp-1', plain('v1.13.10'))).toMatchObject({
    text: expect.stringContaining('error validating etcd for upgrade'),
  });
  const admin = world.to('cp-1', 'admin', { deadlineMs: 20_000 });
  let isOver = false;
  const whileTimePasses = async <T>(work: Promise<T>): Promise<T> => {
    isOver = false;
    const ended = work.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      clock.advance(500);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return ended;
  };
  const pulled = await whileTimePasses(
    admin.frames(imageService.pull, { containerd: SYSTEM, imageRef: plain('v1.13.10') }),
  );
  const imageName = 'reply' in pulled ? (pulled.reply.at(-1)?.name ?? '') : '';
  const before = (await eventsOf(world, 'cp-1')).length;
  const bootTime = await seen.bootTime('cp-1');
  const installed = await whileTimePasses(
    admin.frames(lifecycleService.upgrade, { containerd: SYSTEM, source: { imageName } }),
  );
  expect('reply' in installed && installed.reply.at(-1)?.progress?.exitCode).toBe(0);
  expect(sequencesIn((await eventsOf(world, 'cp-1')).slice(before))).toEqual([]);
  expect(await seen.isCordoned('cp-1')).toBe(false);
  expect(await seen.bootTime('cp-1')).toBe(bootTime);
  expect(await seen.version('cp-1')).toBe('v1.13.9');
  const booted = await seen.bootsOf('cp-1');
  await world.to('cp-1', 'operator').call(change.reboot, REBOOT);
  await seen.until(booted(1));
  expect(await seen.version('cp-1')).toBe('v1.13.10');
});
