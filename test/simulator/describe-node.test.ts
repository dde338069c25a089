import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Panel, panelOf } from './panel.ts';
import { type Simulated, simulate } from './simulated.ts';

/** What the panel shows of nodes, as somebody at their consoles would see them. */
let world: Simulated;
let panel: Panel;
beforeAll(async () => {
  world = await simulate();
  panel = await panelOf(world.cluster);
});
afterAll(async () => {
  panel.close();
  await world.end();
});

const shown = (name: string) => panel.node(name);
const etcdOf = async (name: string) => (await shown(name)).etcd;

test('a healthy cluster: one leader, followers, workers without etcd, every service running', async () => {
  await world.load('healthy');
  const roles = await Promise.all(['cp-1', 'cp-2', 'cp-3'].map(async (name) => (await etcdOf(name))?.role));
  expect(roles.sort()).toEqual(['follower', 'follower', 'leader']);
  expect(await etcdOf('w-1')).toBeUndefined();
  expect(new Set((await shown('cp-1')).services.map(({ state }) => state))).toEqual(new Set(['Running']));
  expect(await shown('w-1')).toMatchObject({ stage: 'running', hostname: 'w-1', faults: [], lastActions: [] });
});

test('without quorum nobody leads; who is off is off, and its etcd is down', async () => {
  await world.load('nodes: { cp-2: { power: "off" }, cp-3: { power: "off" } }');
  expect(await shown('cp-2')).toMatchObject({ stage: 'off', services: [], etcd: { role: 'down' } });
  expect((await etcdOf('cp-1'))?.role).toBe('without leader');
  expect((await shown('cp-1')).services).toContainEqual({ id: 'etcd', state: 'Running, unhealthy' });
});

test('alarms, faults and a member under another name are seen', async () => {
  await world.load(
    'nodes: { cp-1: { etcd: { alarm: NOSPACE } }, cp-2: { metadata: { arrivesAfter: [55s] } }, w-1: { faults: [{ fault: slow, method: Version }, { fault: huge }] } }',
  );
  expect((await etcdOf('cp-1'))?.alarms).toEqual(['NOSPACE']);
  expect((await etcdOf('cp-2'))?.name).toMatch(/^talos-/);
  expect(await shown('w-1')).toMatchObject({ faults: ['slow (Version)', 'huge'] });
});
