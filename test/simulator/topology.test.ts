import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineService as m } from '../../lib/talos/methods.ts';
import { accessOf } from '../../local/simulated-access.ts';
import { type Simulated, simulate } from './simulated.ts';

let world: Simulated;
beforeAll(async () => {
  world = await simulate();
});
afterAll(() => world.end());

const names = () => world.cluster.world.nodes.map(({ name }) => name);
const membersSeenBy = async (name: string): Promise<readonly string[]> => {
  const seen = await world.to(name, 'reader').list('cluster', 'Members.cluster.talos.dev');
  return 'reply' in seen ? Object.keys(seen.reply) : [seen.text];
};
const votersSeenBy = async (name: string): Promise<readonly string[]> => {
  const seen = await world.to(name, 'reader').call(m.etcdMemberList, { queryLocal: true });
  return 'reply' in seen ? (seen.reply.messages[0]?.members ?? []).map(({ hostname }) => hostname) : [seen.text];
};

test('a scenario with five control planes makes two more, known to etcd, discovery and the files of the world', async () => {
  await world.load('healthy-5-control-planes');
  const five = ['cp-1', 'cp-2', 'cp-3', 'cp-4', 'cp-5'];
  expect(names()).toEqual([...five, 'w-1', 'w-2', 'w-3']);
  expect(await world.stage('cp-5')).toBe('running');
  expect(await votersSeenBy('cp-5')).toEqual(five);
  expect(await membersSeenBy('w-1')).toEqual([...five, 'w-1', 'w-2', 'w-3']);
  expect(world.stored('cp-4').toString()).toContain('type: controlplane');
  expect((await accessOf(world.folder, world.cluster.world)).nodeCidrs).toEqual([world.cluster.world.nodeCidr]);
});

test('with one control plane the others are gone, their ports closed; what comes back is what it was', async () => {
  await world.load('healthy');
  const before = { world: world.cluster.world, config: world.stored('cp-3'), voters: await votersSeenBy('cp-1') };
  const bootTime = await world.bootTime('w-1');
  const gone = world.to('cp-3', 'reader', { deadlineMs: 2_000 });
  await world.load('healthy-1-control-plane');
  expect(names()).toEqual(['cp-1', 'w-1', 'w-2', 'w-3']);
  expect(await gone.call(m.version, {})).toMatchObject({ code: 14, text: expect.stringContaining('ECONNREFUSED') });
  expect(existsSync(join(world.folder, 'configs', 'cp-3.yaml'))).toBe(false);
  expect(await votersSeenBy('cp-1')).toEqual(['cp-1']);
  expect(await membersSeenBy('w-2')).toEqual(['cp-1', 'w-1', 'w-2', 'w-3']);
  expect(await world.bootTime('w-1'), 'who stays does not boot for it').toBe(bootTime);
  await world.load('healthy');
  expect({ world: world.cluster.world, config: world.stored('cp-3'), voters: await votersSeenBy('cp-1') }).toEqual(
    before,
  );
});

test('fifty workers run beside three control planes, each with an address and a pod network of its own', async () => {
  await world.load('healthy-50-workers');
  const { nodes } = world.cluster.world;
  expect(nodes).toHaveLength(53);
  expect(new Set(nodes.map(({ address }) => address)).size).toBe(53);
  expect(await world.stage('w-50')).toBe('running');
  expect(await membersSeenBy('w-50')).toHaveLength(53);
  const cidrs = await Promise.all(
    nodes.map(({ name }) => world.to(name, 'reader').list('k8s', 'NodeStatuses.kubernetes.talos.dev')),
  );
  const networks = cidrs.map((seen) => /10\.244\.\d+\.0/.exec(JSON.stringify(seen))?.[0]);
  expect(new Set(networks).size).toBe(53);
  await world.load('healthy');
  expect(names()).toEqual(['cp-1', 'cp-2', 'cp-3', 'w-1', 'w-2', 'w-3']);
});

test('a cluster that was stopped with other nodes comes back with them', async () => {
  await world.load('healthy-5-control-planes');
  const before = names();
  await world.restart();
  expect(names()).toEqual(before);
  expect(await world.stage('cp-4')).toBe('running');
});
