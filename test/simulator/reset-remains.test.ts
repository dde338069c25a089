import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import type { ResetRequest } from '../../lib/talos/generated/machine/machine.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { actorOf, RESET, simulateStepped, UPGRADE } from './acting.ts';
import { apply, changed, configsOf } from './applying.ts';

/** What is left of a machine after a reset, as whoever asks it afterwards sees it. */

let stepped: Awaited<ReturnType<typeof simulateStepped>>;
beforeAll(async () => {
  stepped = await simulateStepped();
});
afterAll(() => stepped.world.end());

const wiping = (...labels: readonly string[]) => labels.map((label) => ({ label, wipe: true }));
const reset = (name: string, more: Partial<ResetRequest>) =>
  stepped.world.to(name, 'admin').call(change.reset, { ...RESET, ...more });
const isInMaintenance = (name: string) => () => stepped.node(name).boot?.stage === 'maintenance';
const list = async (name: string, namespace: string, type: string): Promise<Record<string, unknown>> => {
  const identity = stepped.node(name).boot?.api === 'maintenance' ? 'maintenance' : 'reader';
  const seen = await stepped.world.to(name, identity).list(namespace, type);
  if (!('reply' in seen)) throw new Error(seen.text);
  return seen.reply;
};
const extensions = (name: string) => list(name, 'runtime', 'ExtensionStatuses.runtime.talos.dev');
const nodeId = async (name: string) =>
  JSON.stringify((await list(name, 'cluster', 'Identities.cluster.talos.dev'))['local']);
const metaKeys = async (name: string) => Object.keys(await list(name, 'runtime', 'MetaKeys.runtime.talos.dev'));
const partitions = async (name: string) => {
  const found = Object.values(await list(name, 'runtime', 'DiscoveredVolumes.block.talos.dev'));
  return ['META', 'STATE', 'EPHEMERAL'].filter((label) =>
    JSON.stringify(found).includes(`"partition_label":"${label}"`),
  );
};
const givesConfig = async (name: string) => {
  const text = stepped.world.stored(name).toString();
  expect(await apply(stepped.world, name, text, { identity: 'maintenance' })).not.toHaveProperty('code');
  await stepped.pass(stepped.isRunning(name));
};

test.for(['v1.8.4', 'v1.9.6', 'v1.12.11', 'v1.13.9', 'v1.14.0'])(
  '%s, STATE and EPHEMERAL: image, META and disk stay; with its config it is another node with the same extensions',
  async (version) => {
    await stepped.world.load(
      `version: ${version}\nnodes: { w-1: { metaKeys: { '0x0c': mine }, kernelArgs: [quiet] } }`,
    );
    const before = { extensions: await extensions('w-1'), id: await nodeId('w-1') };
    await reset('w-1', { systemPartitionsToWipe: wiping('STATE', 'EPHEMERAL') });
    await stepped.pass(isInMaintenance('w-1'));
    expect(await partitions('w-1')).toEqual(['META']);
    expect(await extensions('w-1')).toEqual(before.extensions);
    expect(await metaKeys('w-1')).toEqual(['0x0a', '0x0c']);
    await givesConfig('w-1');
    expect(await partitions('w-1')).toEqual(['META', 'STATE', 'EPHEMERAL']);
    expect(await extensions('w-1')).toEqual(before.extensions);
    expect(await nodeId('w-1')).not.toBe(before.id);
    expect(stepped.node('w-1').physical).toMatchObject({ version, kernelArgs: ['quiet'] });
  },
);

test('a machine that its platform gives a config comes back by itself, with the config that it was made with', async () => {
  await stepped.world.load('nodes: { cp-3: { metadata: { userData: config } } }');
  const before = await nodeId('cp-3');
  const own = stepped.world.stored('cp-3').toString();
  await apply(stepped.world, 'cp-3', changed(own, { 'machine.nodeLabels.tier': 'gold' }));
  await reset('cp-3', { systemPartitionsToWipe: wiping('STATE', 'EPHEMERAL') });
  await stepped.pass(() => stepped.node('cp-3').bootCount === 2 && stepped.isRunning('cp-3')(), 180);
  expect(await nodeId('cp-3')).not.toBe(before);
  expect((await configsOf(stepped.world, 'cp-3')).v1alpha1).toBe(own);
  const log = await stepped.world.to('cp-3', 'reader').frames(m.dmesg, { follow: false, tail: false });
  expect('reply' in log && log.reply.map(({ bytes }) => Buffer.from(bytes).toString()).join('')).toContain(
    '["platform"]',
  );
});

test('STATE alone: config and identity go, images and the data of etcd stay', async () => {
  await stepped.world.load('version: v1.13.9');
  const members = async () => {
    const seen = await stepped.world.to('cp-2', 'reader').call(m.etcdMemberList, { queryLocal: false });
    return 'reply' in seen ? seen.reply.messages[0]?.members.map(({ id, hostname }) => `${id} ${hostname}`).sort() : [];
  };
  const before = { id: await nodeId('cp-1'), members: await members() };
  await reset('cp-1', { systemPartitionsToWipe: wiping('STATE'), graceful: false });
  await stepped.pass(isInMaintenance('cp-1'), 180);
  expect(await partitions('cp-1')).toEqual(['META', 'EPHEMERAL']);
  await givesConfig('cp-1');
  expect(await nodeId('cp-1')).not.toBe(before.id);
  expect(await members()).toEqual(before.members);
});

test('META: its keys go, config and identity stay', async () => {
  await stepped.world.load(`nodes: { w-1: { metaKeys: { '0x0c': mine } } }`);
  const before = await nodeId('w-1');
  expect(await metaKeys('w-1')).toEqual(['0x0a', '0x0c']);
  await reset('w-1', { systemPartitionsToWipe: wiping('META') });
  await stepped.pass(() => stepped.node('w-1').bootCount === 2 && stepped.isRunning('w-1')());
  expect(await metaKeys('w-1')).toEqual([]);
  expect(await nodeId('w-1')).toBe(before);
});

test('META with STATE: what STATE was encrypted with is gone with all other keys', async () => {
  await stepped.world.load(`nodes: { w-1: { metaKeys: { '0x09': secret, '0x0c': mine } } }`);
  await reset('w-1', { systemPartitionsToWipe: wiping('STATE', 'META') });
  await stepped.pass(isInMaintenance('w-1'), 180);
  expect(await partitions('w-1')).toEqual(['EPHEMERAL']);
  expect(await metaKeys('w-1')).toEqual([]);
});

test('an entry that does not say wipe is no target beside one that does', async () => {
  await stepped.world.load('version: v1.9.6');
  const systemPartitionsToWipe = [...wiping('EPHEMERAL'), { label: 'STATE', wipe: false }];
  await reset('w-1', { systemPartitionsToWipe });
  await stepped.pass(() => stepped.node('w-1').physical.disk.partitions?.EPHEMERAL === false);
  await stepped.pass(() => stepped.node('w-1').bootCount === 2 && stepped.isRunning('w-1')());
  expect(stepped.node('w-1').physical.disk.config).toBe(stepped.world.stored('w-1').toString());
});

test('1.14: what lies on EPHEMERAL goes with it, and not without it', async () => {
  await stepped.world.load('version: v1.14.0');
  for (const label of ['ETCD', 'CRI', 'KUBELET', 'LOG']) {
    const why = `resides on volume "EPHEMERAL", and therefore "${label}" cannot be wiped without wiping "EPHEMERAL"`;
    const text = `failed to reset: volume "${label}" ${why}`;
    expect(await reset('cp-1', { systemPartitionsToWipe: wiping(label) })).toEqual({ code: 2, text });
    expect(await reset('cp-1', { systemPartitionsToWipe: wiping(label, 'STATE') })).toEqual({ code: 2, text });
  }
  expect(actorOf(await reset('cp-1', { systemPartitionsToWipe: wiping('ETCD', 'EPHEMERAL') }))).toMatch(
    /^[0-9a-f-]{36}$/,
  );
  await stepped.pass(() => stepped.node('cp-1').physical.disk.partitions?.EPHEMERAL === false);
  expect(stepped.node('cp-1').physical.disk.partitions).toMatchObject({ META: true, STATE: true });
});

test.for([
  ['v1.12.11', 12, 'API is not implemented in maintenance mode', 'method Rollback not implemented'],
  ['v1.13.9', 7, 'not authorized', 'not authorized'],
] as const)(
  '%s: a node in maintenance mode cannot be reset, upgraded or rolled back',
  async ([version, code, text, other]) => {
    await stepped.world.load(`version: ${version}\nnodes: { w-1: { systemDisk: { partitions: { STATE: absent } } } }`);
    const node = stepped.world.to('w-1', 'maintenance');
    expect(await node.call(change.reset, RESET)).toEqual({ code, text });
    expect(await node.call(change.upgrade, { ...UPGRADE, image: 'x' })).toEqual({ code, text });
    expect(await node.call(change.rollback, {})).toEqual({ code, text: other });
  },
);
