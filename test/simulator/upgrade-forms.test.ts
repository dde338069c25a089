import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineChanges as change, imageService, lifecycleService } from '../../lib/talos/changing-methods.ts';
import type { UpgradeRequest } from '../../lib/talos/generated/machine/machine.ts';
import { actorOf, eventsOf, phasesOf, simulateStepped, UPGRADE } from './acting.ts';
import { apply, changed } from './applying.ts';
import { sequencesIn } from './simulated.ts';

let stepped: Awaited<ReturnType<typeof simulateStepped>>;
beforeAll(async () => {
  stepped = await simulateStepped();
});
afterAll(() => stepped.world.end());

const NODE = 'w-1';
const plain = (version: string) => `ghcr.io/siderolabs/installer:${version}`;
const SCHEMATIC = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';
const factory = (version: string) => `factory.talos.dev/metal-installer/${SCHEMATIC}:${version}`;
const ask = (name: string, image: string, more: Partial<UpgradeRequest> = {}) =>
  stepped.world.to(name, 'admin').call(change.upgrade, { ...UPGRADE, image, ...more });
const isDying = (name: string) => () => stepped.node(name).pending.some(({ step }) => step.kind === 'falls_silent');
const booted = (name: string, times: number) => () =>
  stepped.node(name).bootCount === times && stepped.isRunning(name)();

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
  await stepped.world.load(`version: ${version}`);
  const members = stepped.world.cluster.state.etcd.members.length;
  const actor = actorOf(await ask(name, imageFor(version), more));
  await stepped.pass(isDying(name), 180);
  expect(phasesOf(await eventsOf(stepped.world, name), actor)).toEqual(phases);
  expect(stepped.world.cluster.state.etcd.members).toHaveLength(members);
});
/** Of the same version, as the factory names it. */
const imageFor = (version: string) =>
  version === 'v1.9.6' ? `factory.talos.dev/installer/${SCHEMATIC}:${version}` : factory(version);

test('the same version with the plain image drops every extension, and its service with it', async () => {
  await stepped.world.load('version: v1.13.9');
  const extensions = async () => {
    const seen = await stepped.world.to(NODE, 'reader').list('runtime', 'ExtensionStatuses.runtime.talos.dev');
    return JSON.stringify(seen);
  };
  expect(await extensions()).toContain('iscsi-tools');
  await ask(NODE, plain('v1.13.9'));
  await stepped.pass(booted(NODE, 2), 180);
  expect(await extensions()).not.toContain('iscsi-tools');
  expect(stepped.node(NODE).boot?.services['ext-iscsid']).toBe(undefined);
});

test('an upgrade keeps config, identity and data, and takes what was staged into effect', async () => {
  await stepped.world.load('version: v1.12.11');
  const { nodeId, partitionUuids } = stepped.node(NODE).physical.disk;
  const kept = { ...partitionUuids };
  const text = changed(stepped.world.stored(NODE).toString(), { 'machine.nodeLabels.tier': 'gold' });
  await apply(stepped.world, NODE, text, { mode: 'STAGED' });
  await ask(NODE, factory('v1.13.9'));
  await stepped.pass(booted(NODE, 2), 180);
  expect(stepped.node(NODE).physical.disk).toMatchObject({ nodeId, partitionUuids: kept, config: text });
  const status = await stepped.world.to(NODE, 'reader').list('k8s', 'NodeStatuses.kubernetes.talos.dev');
  expect(JSON.stringify(status)).toContain('"tier":"gold"');
});

test('staged, and too far: the next boot fails to install, and the machine boots as it was', async () => {
  await stepped.world.load('version: v1.12.11');
  await ask(NODE, plain('v1.9.6'), { stage: true });
  await stepped.pass(() => stepped.node(NODE).boot?.stage === 'installing');
  await stepped.pass(isDying(NODE));
  const log = JSON.stringify(stepped.node(NODE).boot?.kernelLog);
  expect(log).toContain('is too new to downgrade to Talos 1.9.6');
  expect(log).toContain('rebooting in 10 seconds');
  await stepped.pass(booted(NODE, 3), 180);
  expect(stepped.node(NODE).physical.version).toBe('v1.12.11');
  const keys = await stepped.world.to(NODE, 'reader').list('runtime', 'MetaKeys.runtime.talos.dev');
  expect('reply' in keys && Object.keys(keys.reply)).toEqual(['0x0a']);
});

test('a new version whose boot never ends: after its 70 minutes the machine falls back to the version before', async () => {
  await stepped.world.load('version: v1.12.11');
  const schematic = 'c'.repeat(64);
  const tailscale = { name: 'tailscale', version: '1.92.3', image: 'ghcr.io/siderolabs/tailscale:1.92.3' };
  stepped.world.cluster.state.schematics = { [schematic]: { extensions: [tailscale], kernelArgs: [] } };
  await ask(NODE, `factory.talos.dev/metal-installer/${schematic}:v1.13.9`);
  await stepped.pass(() => stepped.node(NODE).bootCount === 2 && stepped.node(NODE).boot?.api === 'running', 180);
  stepped.clock.advance(3_600_000);
  const keys = async () => {
    const seen = await stepped.world.to(NODE, 'reader').list('runtime', 'MetaKeys.runtime.talos.dev');
    return 'reply' in seen && Object.keys(seen.reply);
  };
  expect(await stepped.world.stage(NODE)).toBe('booting');
  expect(await keys()).toContain('0x06');
  await stepped.pass(booted(NODE, 3), 900);
  const { version, extensions } = stepped.node(NODE).physical;
  expect([version, extensions.map(({ name }) => name)]).toEqual([
    'v1.12.11',
    ['iscsi-tools', 'util-linux-tools', 'schematic'],
  ]);
  expect(await keys()).not.toContain('0x06');
});

const SYSTEM = { driver: 'CRI', namespace: 'NS_SYSTEM' } as const;
test('the upgrade of 1.13 looks at nobody else: no etcd check, no cordon, no sequence, no reboot', async () => {
  await stepped.world.load('version: v1.13.9');
  await stepped.world.cluster.setPower('cp-3', 'off');
  expect(await ask('cp-1', plain('v1.13.10'))).toMatchObject({
    text: expect.stringContaining('error validating etcd for upgrade'),
  });
  const admin = stepped.world.to('cp-1', 'admin', { deadlineMs: 20_000 });
  let isOver = false;
  const whileTimePasses = async <T>(work: Promise<T>): Promise<T> => {
    isOver = false;
    const ended = work.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      stepped.clock.advance(500);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return ended;
  };
  const pulled = await whileTimePasses(
    admin.frames(imageService.pull, { containerd: SYSTEM, imageRef: plain('v1.13.10') }),
  );
  const imageName = 'reply' in pulled ? (pulled.reply.at(-1)?.name ?? '') : '';
  const before = (await eventsOf(stepped.world, 'cp-1')).length;
  const installed = await whileTimePasses(
    admin.frames(lifecycleService.upgrade, { containerd: SYSTEM, source: { imageName } }),
  );
  expect('reply' in installed && installed.reply.at(-1)?.progress?.exitCode).toBe(0);
  expect(sequencesIn((await eventsOf(stepped.world, 'cp-1')).slice(before))).toEqual([]);
  const status = await stepped.world.to('cp-1', 'reader').list('k8s', 'NodeStatuses.kubernetes.talos.dev');
  expect(JSON.stringify(status)).toContain('"unschedulable":false');
  expect(stepped.node('cp-1')).toMatchObject({ bootCount: 1, physical: { next: { version: 'v1.13.10' } } });
});
