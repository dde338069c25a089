import { expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import type { ResetRequest } from '../../lib/talos/generated/machine/machine.ts';
import { actorOf, RESET, UPGRADE } from './acting.ts';
import { apply, changed, configsOf } from './applying.ts';
import { seenForThisFile } from './seen.ts';
import type { Identity } from './talos-calls.ts';

/** What is left of a machine after a reset, as whoever asks it afterwards sees it. */

const { seen, world } = await seenForThisFile();

const wiping = (...labels: readonly string[]) => labels.map((label) => ({ label, wipe: true }));
const reset = (name: string, more: Partial<ResetRequest>) =>
  world.to(name, 'admin').call(change.reset, { ...RESET, ...more });
const isInMaintenance = (name: string) => async () => (await seen.stage(name, 'maintenance')) === 'maintenance';
const metaKeys = async (name: string, identity: Identity = 'reader') =>
  Object.keys(await seen.metaKeys(name, identity));
const partitions = async (name: string, identity: Identity = 'reader') =>
  Object.keys(await seen.partitions(name, identity));
const givesConfig = async (name: string) => {
  const text = world.stored(name).toString();
  expect(await apply(world, name, text, { identity: 'maintenance' })).not.toHaveProperty('code');
  await seen.until(async () => (await seen.stage(name)) === 'running');
};

test.for(['v1.8.4', 'v1.9.6', 'v1.12.11', 'v1.13.9', 'v1.14.0'])(
  '%s, STATE and EPHEMERAL: image, META and disk stay; with its config it is another node with the same extensions',
  async (version) => {
    await world.load(`version: ${version}\nnodes: { w-1: { metaKeys: { '0x0c': mine }, kernelArgs: [quiet] } }`);
    const before = { extensions: await seen.extensions('w-1'), id: await seen.nodeId('w-1') };
    expect(before.extensions).toContainEqual(expect.stringMatching(/^iscsi-tools /));
    await reset('w-1', { systemPartitionsToWipe: wiping('STATE', 'EPHEMERAL') });
    await seen.until(isInMaintenance('w-1'));
    expect(await partitions('w-1', 'maintenance')).toEqual(['META']);
    expect(await seen.extensions('w-1', 'maintenance')).toEqual(before.extensions);
    expect(await metaKeys('w-1', 'maintenance')).toEqual(['0x0a', '0x0c']);
    await givesConfig('w-1');
    expect(await partitions('w-1')).toEqual(['META', 'STATE', 'EPHEMERAL']);
    expect(await seen.extensions('w-1')).toEqual(before.extensions);
    expect(await seen.nodeId('w-1')).not.toBe(before.id);
    expect(await seen.version('w-1')).toBe(version);
    // KernelCmdlines are there from 1.11 on, the first lines of the kernel always
    const cmdline = (await seen.kernelLog('w-1')).find((line) => line.includes('Command line: '));
    expect(cmdline).toMatch(/ BOOT_IMAGE=\/A\/.* quiet$/);
  },
);

test('a machine that its platform gives a config comes back by itself, with the config that it was made with', async () => {
  await world.load('nodes: { cp-3: { metadata: { userData: config } } }');
  const [before, booted] = [await seen.nodeId('cp-3'), await seen.bootsOf('cp-3')];
  const own = world.stored('cp-3').toString();
  await apply(world, 'cp-3', changed(own, { 'machine.nodeLabels.tier': 'gold' }));
  await reset('cp-3', { systemPartitionsToWipe: wiping('STATE', 'EPHEMERAL') });
  await seen.until(booted(1));
  expect(await seen.nodeId('cp-3')).not.toBe(before);
  expect((await configsOf(world, 'cp-3')).v1alpha1).toBe(own);
  expect((await seen.kernelLog('cp-3')).join('')).toContain('["platform"]');
});

test('STATE alone: config and identity go, images and the data of etcd stay', async () => {
  await world.load('version: v1.13.9');
  const members = async () => (await seen.members('cp-2')).map(({ id, name }) => `${id} ${name}`).sort();
  const before = { id: await seen.nodeId('cp-1'), members: await members() };
  expect(before.members).toHaveLength(3);
  await reset('cp-1', { systemPartitionsToWipe: wiping('STATE'), graceful: false });
  await seen.until(isInMaintenance('cp-1'));
  expect(await partitions('cp-1', 'maintenance')).toEqual(['META', 'EPHEMERAL']);
  await givesConfig('cp-1');
  expect(await seen.nodeId('cp-1')).not.toBe(before.id);
  expect(await members()).toEqual(before.members);
});

test('META: its keys go, config and identity stay', async () => {
  await world.load(`nodes: { w-1: { metaKeys: { '0x0c': mine } } }`);
  const [before, booted] = [await seen.nodeId('w-1'), await seen.bootsOf('w-1')];
  expect(await metaKeys('w-1')).toEqual(['0x0a', '0x0c']);
  await reset('w-1', { systemPartitionsToWipe: wiping('META') });
  await seen.until(booted(1));
  expect(await metaKeys('w-1')).toEqual([]);
  expect(await seen.nodeId('w-1')).toBe(before);
});

test('META with STATE: what STATE was encrypted with is gone with all other keys', async () => {
  await world.load(`nodes: { w-1: { metaKeys: { '0x09': secret, '0x0c': mine } } }`);
  await reset('w-1', { systemPartitionsToWipe: wiping('STATE', 'META') });
  await seen.until(isInMaintenance('w-1'));
  expect(await partitions('w-1', 'maintenance')).toEqual(['EPHEMERAL']);
  expect(await metaKeys('w-1', 'maintenance')).toEqual([]);
});

test('an entry that does not say wipe is no target beside one that does', async () => {
  await world.load('version: v1.9.6');
  const systemPartitionsToWipe = [...wiping('EPHEMERAL'), { label: 'STATE', wipe: false }];
  const [before, booted] = [await seen.partitions('w-1'), await seen.bootsOf('w-1')];
  await reset('w-1', { systemPartitionsToWipe });
  await seen.until(booted(1));
  const after = await seen.partitions('w-1');
  expect(after).toEqual({ ...before, EPHEMERAL: expect.any(String) });
  expect(after['EPHEMERAL']).not.toBe(before['EPHEMERAL']);
  expect(await seen.config('w-1')).toBe(world.stored('w-1').toString());
});

test('1.14: what lies on EPHEMERAL goes with it, and not without it', async () => {
  await world.load('version: v1.14.0');
  for (const label of ['ETCD', 'CRI', 'KUBELET', 'LOG']) {
    const why = `resides on volume "EPHEMERAL", and therefore "${label}" cannot be wiped without wiping "EPHEMERAL"`;
    const text = `failed to reset: volume "${label}" ${why}`;
    expect(await reset('cp-1', { systemPartitionsToWipe: wiping(label) })).toEqual({ code: 2, text });
    expect(await reset('cp-1', { systemPartitionsToWipe: wiping(label, 'STATE') })).toEqual({ code: 2, text });
  }
  expect(actorOf(await reset('cp-1', { systemPartitionsToWipe: wiping('ETCD', 'EPHEMERAL') }))).toMatch(
    /^[0-9a-f-]{36}$/,
  );
  await seen.until(async () => (await seen.stage('cp-1')) === 'rebooting', { stepS: 1 });
  expect(await partitions('cp-1')).toEqual(['META', 'STATE']);
});

test.for([
  ['v1.12.11', 12, 'API is not implemented in maintenance mode', 'method Rollback not implemented'],
  ['v1.13.9', 7, 'not authorized', 'not authorized'],
] as const)(
  '%s: a node in maintenance mode cannot be reset, upgraded or rolled back',
  async ([version, code, text, other]) => {
    await world.load(`version: ${version}\nnodes: { w-1: { systemDisk: { partitions: { STATE: absent } } } }`);
    const node = world.to('w-1', 'maintenance');
    expect(await node.call(change.reset, RESET)).toEqual({ code, text });
    expect(await node.call(change.upgrade, { ...UPGRADE, image: 'x' })).toEqual({ code, text });
    expect(await node.call(change.rollback, {})).toEqual({ code, text: other });
  },
);
