import { beforeEach, expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import { REBOOT } from './acting.ts';
import { apply, changed, configsOf } from './applying.ts';
import { seenForThisFile } from './seen.ts';

const { clock, seen, world } = await seenForThisFile();
beforeEach(() => world.load('version: v1.13.9'));

const NODE = 'w-1';
const own = () => world.stored(NODE).toString();
const send = (text: string, more: Parameters<typeof apply>[3] = {}) => apply(world, NODE, text, more);
const configs = () => configsOf(world, NODE);
const list = (namespace: string, type: string) => seen.resources(NODE, namespace, type);
const tier = async () => {
  const statuses = await list('k8s', 'NodeStatuses.kubernetes.talos.dev');
  return /"tier":"(\w+)"/.exec(JSON.stringify(statuses))?.[1];
};
const withTier = (name: string) => changed(own(), { 'machine.nodeLabels.tier': name });
async function reboots(): Promise<void> {
  const booted = await seen.bootsOf(NODE);
  await world.to(NODE, 'operator').call(change.reboot, REBOOT);
  await seen.until(booted(1));
}

test('NO_REBOOT: stored and in effect', async () => {
  await send(withTier('gold'), { mode: 'NO_REBOOT' });
  expect(await tier()).toBe('gold');
  expect(await configs()).toEqual({ v1alpha1: withTier('gold'), persistent: withTier('gold') });
});

test('STAGED: stored, and in effect after the next reboot', async () => {
  await send(withTier('gold'), { mode: 'STAGED' });
  expect(await tier()).toBe(undefined);
  expect(await configs()).toEqual({ v1alpha1: own(), persistent: withTier('gold') });
  await reboots();
  expect(await tier()).toBe('gold');
  expect((await configs()).v1alpha1).toBe(withTier('gold'));
});

test('TRY: in effect and not stored, until its time is over', async () => {
  const tryModeTimeout = { seconds: '90', nanos: 0 };
  const tried = await send(withTier('gold'), { mode: 'TRY', tryModeTimeout });
  expect(tried).toMatchObject({ modeDetails: expect.stringMatching(/automatically reverted back in 1m30s$/) });
  expect(await tier()).toBe('gold');
  expect((await configs()).persistent).toBe(own());
  clock.advance(89_000);
  expect(await tier()).toBe('gold');
  clock.advance(2_000);
  expect(await tier()).toBe(undefined);
});

test('TRY: a reboot forgets it', async () => {
  await send(withTier('gold'), { mode: 'TRY', tryModeTimeout: { seconds: '3600', nanos: 0 } });
  await reboots();
  expect(await tier()).toBe(undefined);
  expect((await configs()).v1alpha1).toBe(own());
});

test('TRY after TRY: what is taken back is the second, and the first stays', async () => {
  await send(withTier('gold'), { mode: 'TRY' });
  clock.advance(30_000);
  await send(withTier('silver'), { mode: 'TRY' });
  clock.advance(45_000);
  expect(await tier()).toBe('silver');
  clock.advance(16_000);
  expect(await tier()).toBe('gold');
  clock.advance(120_000);
  expect(await tier()).toBe('gold');
});

test.for<[what: string, text: () => string, more: Parameters<typeof apply>[3], isKept: boolean]>([
  ['a dry run', own, { dryRun: true }, true],
  ['a call that is refused', () => 'machine: {', {}, true],
  ['a staged config', own, { mode: 'STAGED' }, true],
  ['the dry run of a try', own, { mode: 'TRY', dryRun: true }, false],
  ['a caller without the role', own, { identity: 'operator' }, false],
])('%s while a config is tried: nobody takes it back any more: %j', async ([, text, more, isKept]) => {
  await send(withTier('gold'), { mode: 'TRY' });
  await send(text(), more);
  clock.advance(120_000);
  expect(await tier()).toBe(isKept ? 'gold' : undefined);
});

test('image, extensions and kernel arguments of the config wait for an upgrade: no reboot puts them into effect', async () => {
  const facts = async () => ({
    cmdline: await list('runtime', 'KernelCmdlines.runtime.talos.dev'),
    extensions: await list('runtime', 'ExtensionStatuses.runtime.talos.dev'),
    version: await list('runtime', 'Versions.runtime.talos.dev'),
  });
  const before = await facts();
  const text = changed(own(), {
    'machine.install.image': `factory.talos.dev/metal-installer/${'a'.repeat(64)}:v1.13.10`,
    'machine.install.extraKernelArgs': ['talos.device.settle_time=3m'],
    'machine.install.extensions': [{ image: 'ghcr.io/siderolabs/drbd:9.2.14-v1.13.9' }],
  });
  expect(await send(text)).toMatchObject({ mode: 'NO_REBOOT' });
  expect(await facts()).toEqual(before);
  await reboots();
  expect((await configs()).v1alpha1).toBe(text);
  expect(await facts()).toEqual(before);
});

test('a kernel module is loaded at once, and unloaded by the next boot only', async () => {
  const loaded = async () =>
    Object.keys(await list('runtime', 'LoadedKernelModules.runtime.talos.dev')).includes('nbd');
  await send(changed(own(), { 'machine.kernel.modules': [{ name: 'nbd' }] }));
  expect(await loaded()).toBe(true);
  await send(own());
  expect(await loaded()).toBe(true);
  await reboots();
  expect(await loaded()).toBe(false);
});

test('1.14: what is read at boot only changes nothing until then, and nobody reboots for it', async () => {
  await world.load('version: v1.14.0');
  const text = changed(own(), { 'machine.token': 'aaaaaa.bbbbbbbbbbbbbbbb' });
  const bootTime = await seen.bootTime(NODE);
  expect(await send(text)).toMatchObject({ mode: 'NO_REBOOT' });
  clock.advance(600_000);
  expect(await seen.bootTime(NODE)).toBe(bootTime);
  expect(await seen.stage(NODE)).toBe('running');
});
