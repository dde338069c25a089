import { expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import { RestartEvent } from '../../lib/talos/generated/machine/machine.ts';
import { shutdownMethods } from '../../simulator/nodes/shutdown-method.ts';
import { actorOf, eventsOf, phasesOf, REBOOT, RESET, UPGRADE } from './acting.ts';
import { seenForThisFile } from './seen.ts';
import { sequencesIn } from './simulated.ts';
import type { Identity } from './talos-calls.ts';

const { clock, seen, world } = await seenForThisFile();

const NODE = 'w-1';
const ask = (force: boolean, identity: Identity = 'operator') =>
  world.to(NODE, identity).call(shutdownMethods.shutdown, { force });
const isSilent = () => seen.isSilent(NODE);
/** Its last words are an error. */
const isDying = async () => (await sequences()).at(-1)?.includes('FATAL') === true;
/** It is off and not on its way to another boot: it boots when somebody switches it on, and only then. */
async function expectOff(): Promise<void> {
  clock.advance(600_000);
  expect(await seen.isSilent(NODE)).toBe(true);
  await world.cluster.setPower(NODE, 'on');
  await seen.until(async () => (await seen.stage(NODE)) === 'running');
}
const sequences = async () =>
  sequencesIn(await eventsOf(world, NODE)).map(({ sequence, action, actorId, error }) =>
    [sequence, action, actorId, error?.code].filter(Boolean),
  );

const OLD = ['stopServices', 'umount', 'unmountBind', 'unmountSystem', 'volumeFinalize', 'stopEverything', 'shutdown'];
const CLEAN = ['cleanup', 'dbus'];
test.for<[version: string, force: boolean, phases: string[]]>([
  ['v1.8.4', false, ['storeShudown', 'drain', ...CLEAN, 'stopServices', 'unmountUser', ...OLD.slice(1)]],
  ['v1.13.9', false, ['storeShutdown', 'drain', ...CLEAN, ...OLD]],
  ['v1.13.9', true, ['storeShutdown', ...CLEAN, ...OLD]],
  [
    'v1.14.0',
    true,
    [
      ...['storeShutdown', ...CLEAN, 'denyNewServices', 'stopServices', 'umount', 'unmountBind', 'unmountPromotable'],
      ...['unmountSystem', 'volumeFinalize', 'stopEverything', 'shutdown'],
    ],
  ],
])(
  '%s, force %s: its phases; it ends as a failure that names power off, and stays off',
  async ([version, force, phases]) => {
    await world.load(`version: ${version}`);
    const actor = actorOf(await ask(force));
    clock.advance(1_000);
    expect(await seen.stage(NODE)).toBe('shutting down');
    await seen.until(isDying, { stepS: 1 });
    const events = await eventsOf(world, NODE);
    expect(phasesOf(events, actor)).toEqual(phases);
    expect(sequencesIn(events).slice(-2)).toMatchObject([
      { sequence: 'shutdown', action: 'STOP', actorId: actor },
      {
        sequence: 'shutdown',
        action: 'NOOP',
        error: { code: 'FATAL', message: expect.stringContaining('unix.Reboot(') },
      },
    ]);
    const restarts = events.filter(({ data }) => data?.typeUrl.endsWith('RestartEvent'));
    expect(restarts.map(({ data }) => RestartEvent.decode(data?.value ?? new Uint8Array()).cmd)).toEqual([
      '1126301404',
    ]);
    expect(await seen.stage(NODE)).toBe('shutting down');
    await seen.until(isSilent);
    await expectOff();
  },
);

const admin = () => world.to(NODE, 'admin');
const UPGRADING = { ...UPGRADE, image: 'ghcr.io/siderolabs/installer:v1.12.11' };
test.for([
  ['reboot', async () => actorOf(await admin().call(change.reboot, REBOOT))],
  ['reset', async () => actorOf(await admin().call(change.reset, RESET))],
  ['upgrade', async () => actorOf(await admin().call(change.upgrade, UPGRADING))],
] as const)('a shutdown takes over a %s', async ([running, begins]) => {
  await world.load('version: v1.12.11');
  const first = await begins();
  clock.advance(1_000);
  const second = actorOf(await ask(true));
  clock.advance(500);
  expect((await sequences()).slice(-3)).toEqual([
    [running, 'STOP', first],
    [running, 'NOOP', first, 'CANCELED'],
    ['shutdown', 'START', second],
  ]);
  await seen.until(isSilent);
  await expectOff();
});

test('nothing but another shutdown takes over a shutdown', async () => {
  await world.load('version: v1.13.9');
  await ask(false);
  clock.advance(1_000);
  await world.to(NODE, 'operator').call(change.reboot, REBOOT);
  clock.advance(500);
  expect((await sequences()).at(-1)).toEqual(['reboot', 'NOOP', 'LOCKED']);
  await ask(true);
  clock.advance(500);
  expect((await sequences()).at(-2)).toEqual(['shutdown', 'NOOP', expect.any(String), 'CANCELED']);
  await seen.until(isSilent);
  await expectOff();
});

test('without Kubernetes the drain fails after a minute, and the machine goes off at once all the same', async () => {
  await world.load('version: v1.13.9');
  await world.cluster.setPower('cp-2', 'off');
  await world.cluster.setPower('cp-3', 'off');
  await ask(false);
  clock.advance(50_000);
  expect(await seen.stage(NODE)).toBe('shutting down');
  await seen.until(isDying, { stepS: 1 });
  expect(sequencesIn(await eventsOf(world, NODE)).at(-1)?.error).toMatchObject({
    code: 'FATAL',
    message: expect.stringMatching(/error running phase 2 in shutdown sequence: task 1\/1: failed, context deadline/),
  });
  clock.advance(5_000);
  expect(await seen.isSilent(NODE)).toBe(true);
  await world.cluster.setPower('cp-2', 'on');
  await expectOff();
});

test('a shutdown is for operators, and every one is written down', async () => {
  await world.load('version: v1.13.9');
  const before = world.cluster.journal().length;
  expect(await ask(true, 'reader')).toEqual({ code: 7, text: 'not authorized' });
  expect(actorOf(await ask(true))).toMatch(/^[0-9a-f-]{36}$/);
  expect(world.cluster.journal().slice(before)).toMatchObject([
    { node: NODE, method: 'Shutdown', outcome: '7 not authorized' },
    { node: NODE, method: 'Shutdown', request: { force: true }, outcome: 'accepted' },
  ]);
});
