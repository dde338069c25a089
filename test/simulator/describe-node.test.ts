import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeNode } from '../../simulator/nodes/describe-node.ts';
import { type Simulated, simulate } from './simulated.ts';

/** What the panel shows of nodes, as somebody at their consoles would see them. */
let world: Simulated;
beforeAll(async () => {
  world = await simulate();
});
afterAll(() => world.end());

const seen = (name: string) => {
  const node = world.cluster.state.nodes[name];
  if (node === undefined) throw new Error(`there is no node ${name}`);
  return describeNode(world.cluster.state, node);
};
const etcdOf = (name: string) => seen(name).etcd;

test('a healthy cluster: one leader, followers, workers without etcd, every service running', async () => {
  await world.load('healthy');
  expect(['cp-1', 'cp-2', 'cp-3'].map((name) => etcdOf(name)?.role).sort()).toEqual(['follower', 'follower', 'leader']);
  expect(etcdOf('w-1')).toBeUndefined();
  expect(new Set(seen('cp-1').services.map(({ state }) => state))).toEqual(new Set(['Running']));
  expect(seen('w-1')).toMatchObject({ stage: 'running', hostname: 'w-1', faults: [], lastActions: [] });
});

test('without quorum nobody leads; who is off is off, and its etcd is down', async () => {
  await world.load('nodes: { cp-2: { power: "off" }, cp-3: { power: "off" } }');
  expect(seen('cp-2')).toMatchObject({ stage: 'off', services: [], etcd: { role: 'down' } });
  expect(etcdOf('cp-1')?.role).toBe('without leader');
  expect(seen('cp-1').services).toContainEqual({ id: 'etcd', state: 'Running, unhealthy' });
});

test('alarms, faults and a member under another name are seen', async () => {
  await world.load(
    'nodes: { cp-1: { etcd: { alarm: NOSPACE } }, cp-2: { metadata: { arrivesAfter: [55s] } }, w-1: { faults: [{ fault: slow, method: Version }, { fault: huge }] } }',
  );
  expect(etcdOf('cp-1')?.alarms).toEqual(['NOSPACE']);
  expect(etcdOf('cp-2')?.name).toMatch(/^talos-/);
  expect(seen('w-1').faults).toEqual(['slow (Version)', 'huge']);
});
