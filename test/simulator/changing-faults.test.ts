import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { machineChanges as change, imageService, lifecycleService } from '../../lib/talos/changing-methods.ts';
import { actorOf, eventsOf, RESET, UPGRADE } from './acting.ts';
import { type Simulated, sequencesIn, simulate } from './simulated.ts';
import { until } from './talos-calls.ts';

let world: Simulated;
beforeAll(async () => {
  world = await simulate();
});
beforeEach(async () => {
  await world.load('healthy');
  await world.cluster.setFault(NODE, undefined);
});
afterAll(() => world.end());

const NODE = 'w-1';
const PULL = {
  containerd: { driver: 'CRI', namespace: 'NS_SYSTEM' },
  imageRef: 'ghcr.io/siderolabs/installer:v1.13.10',
} as const;
const pull = (deadlineMs = 4_000) => world.to(NODE, 'operator', { deadlineMs }).frames(imageService.pull, PULL);
const images = () => Object.keys(world.cluster.state.nodes[NODE]?.physical.disk.images ?? {}).length;
const since = (before: number) =>
  world.cluster
    .journal()
    .slice(before)
    .map(({ method, outcome }) => [method, outcome]);

test('hold_reply: a reset is carried out and a pull too, and neither is answered', async () => {
  const before = world.cluster.journal().length;
  await world.cluster.setFault(NODE, { fault: 'hold_reply' });
  expect(await pull(600)).toMatchObject({ code: 4 });
  expect(images()).toBe(2);
  const seen = await world.to(NODE, 'admin', { deadlineMs: 300 }).call(change.reset, RESET);
  expect(seen).toMatchObject({ code: expect.toSatisfy((code: number) => code === 4 || code === 14) });
  await until(
    async () => world.cluster.state.nodes[NODE]?.physical.disk.partitions?.STATE,
    (state) => state === false,
  );
  expect(since(before)).toEqual([
    ['ImageService.Pull', 'accepted'],
    ['Reset', 'accepted'],
  ]);
});

test('drop: the reset goes on, the connection does not; a pull loses its caller and ends with it', async () => {
  await world.cluster.setFault(NODE, { fault: 'drop' });
  expect(await pull()).toMatchObject({ code: 14 });
  await until(
    async () => world.cluster.state.nodes[NODE]?.pending.length,
    (pending) => pending === 0,
  );
  expect(images()).toBe(0);
  expect(await world.to(NODE, 'admin').call(change.reset, RESET)).toMatchObject({ code: 14 });
  await until(
    async () => world.cluster.state.nodes[NODE]?.physical.disk.partitions?.STATE,
    (state) => state === false,
  );
});

test('role_denied names one of the two Upgrades', async () => {
  const legacy = () => world.to(NODE, 'admin').call(change.upgrade, UPGRADE);
  const request = { ...PULL, source: { imageName: '' } };
  const lifecycle = () => world.to(NODE, 'admin').frames(lifecycleService.upgrade, request);
  await world.cluster.setFault(NODE, { fault: 'role_denied', method: 'LifecycleService.Upgrade' });
  expect([await legacy(), await lifecycle()]).toMatchObject([{ code: 2 }, { code: 7 }]);
  await world.cluster.setFault(NODE, undefined);
  await world.cluster.setFault(NODE, { fault: 'role_denied', method: 'Upgrade' });
  expect([await legacy(), await lifecycle()]).toMatchObject([{ code: 7 }, { code: 3 }]);
});

test('locked, for resets only: accepted, and then an event says no', async () => {
  await world.cluster.setFault(NODE, { fault: 'locked', method: 'Reset' });
  expect(actorOf(await world.to(NODE, 'admin').call(change.reset, RESET))).toMatch(/^[0-9a-f-]{36}$/);
  expect(sequencesIn(await eventsOf(world, NODE)).at(-1)).toMatchObject({
    sequence: 'reset',
    action: 'NOOP',
    actorId: '',
    error: { code: 'LOCKED', message: 'sequence not started: locked' },
  });
  expect(await world.stage(NODE)).toBe('running');
});

test('malformed: a frame of a stream, too', async () => {
  await world.cluster.setFault(NODE, { fault: 'malformed', method: 'ImageService.Pull' });
  expect(await pull()).toMatchObject({ code: 13 });
});
