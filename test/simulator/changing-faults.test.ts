import { beforeEach, expect, test } from 'vitest';
import { machineChanges as change, imageService, lifecycleService } from '../../lib/talos/changing-methods.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { actorOf, eventsOf, RESET, UPGRADE } from './acting.ts';
import { seenForThisFile } from './seen.ts';
import { sequencesIn } from './simulated.ts';

const { clock, seen, world } = await seenForThisFile();
beforeEach(async () => {
  await world.load('healthy');
  await world.cluster.setFault(NODE, undefined);
});

const NODE = 'w-1';
const PULL = {
  containerd: { driver: 'CRI', namespace: 'NS_SYSTEM' },
  imageRef: 'ghcr.io/siderolabs/installer:v1.13.10',
} as const;
const pull = (deadlineMs = 4_000) => world.to(NODE, 'operator', { deadlineMs }).frames(imageService.pull, PULL);
/** What the next one who pulls it is told first: whether the image is there already. */
async function isPulled(): Promise<boolean> {
  const asked = await world.to(NODE, 'operator').frames(imageService.pull, PULL, (frames) => frames.length === 1);
  return 'reply' in asked && asked.reply[0]?.pullProgress?.progress?.status === 'ALREADY_EXISTS';
}
const isWiped = async () => {
  const labels = Object.keys(await seen.partitions(NODE));
  return labels.length > 0 && !labels.includes('STATE');
};
const since = (before: number) =>
  world.cluster
    .journal()
    .slice(before)
    .map(({ method, outcome }) => [method, outcome]);

test('hold_reply: a reset is carried out and a pull too, and neither is answered', async () => {
  const before = world.cluster.journal().length;
  await world.cluster.setFault(NODE, { fault: 'hold_reply' });
  const held = pull(600);
  await expect.poll(() => world.cluster.journal().length).toBe(before + 1);
  clock.advance(10_000);
  expect(await held).toMatchObject({ code: 4 });
  const answer = await world.to(NODE, 'admin', { deadlineMs: 300 }).call(change.reset, RESET);
  expect(answer).toMatchObject({ code: expect.toSatisfy((code: number) => code === 4 || code === 14) });
  expect(since(before)).toEqual([
    ['ImageService.Pull', 'accepted'],
    ['Reset', 'accepted'],
  ]);
  await world.cluster.setFault(NODE, undefined);
  expect(await isPulled()).toBe(true);
  await seen.until(isWiped, { stepS: 1 });
});

test('drop: the reset goes on, the connection does not; a pull loses its caller and ends with it', async () => {
  await world.cluster.setFault(NODE, { fault: 'drop' });
  expect(await pull()).toMatchObject({ code: 14 });
  expect(await world.to('w-2', 'reader').call(m.version, {})).toHaveProperty('reply'); // the node hears of it meanwhile
  clock.advance(60_000);
  await world.cluster.setFault(NODE, undefined);
  expect(await isPulled()).toBe(false);
  await world.cluster.setFault(NODE, { fault: 'drop' });
  expect(await world.to(NODE, 'admin').call(change.reset, RESET)).toMatchObject({ code: 14 });
  await world.cluster.setFault(NODE, undefined);
  await seen.until(isWiped, { stepS: 1 });
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
