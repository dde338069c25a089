import { expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import type { ResetRequest } from '../../lib/talos/generated/machine/machine.ts';
import { actorOf, eventsOf, phasesOf, RESET } from './acting.ts';
import { apply, changed } from './applying.ts';
import { seenForThisFile } from './seen.ts';
import { sequencesIn } from './simulated.ts';

const { clock, seen, world } = await seenForThisFile();

const reset = async (name: string, more: Partial<ResetRequest>) =>
  actorOf(await world.to(name, 'admin').call(change.reset, { ...RESET, ...more }));
/** Its last words: a reset ends in this stage, whether it reboots or not. */
const isDying = (name: string) => async () => (await seen.stage(name)) === 'rebooting';
async function phases(name: string, more: Partial<ResetRequest>): Promise<readonly string[]> {
  const actor = await reset(name, more);
  await seen.until(isDying(name), { stepS: 1 });
  return phasesOf(await eventsOf(world, name), actor);
}

const STOP = ['stopServices', 'umount', 'unmountBind', 'unmountSystem', 'volumeFinalize'];
const STOP_1_8 = ['stopServices', 'unmountUser', ...STOP.slice(1)];
const STOP_1_14 = ['denyNewServices', ...STOP.slice(0, 3), 'unmountPromotable', ...STOP.slice(3), 'stopEverything'];
const GRACE = ['drain', 'cleanup', 'dbus'];
const WHOLE = { systemPartitionsToWipe: [] };
const DISKS = { mode: 'USER_DISKS', systemPartitionsToWipe: [], userDisksToWipe: ['/dev/nvme0n1'] } as const;
test.for<[version: string, name: string, more: Partial<ResetRequest>, phases: string[]]>([
  [
    'v1.8.4',
    'w-1',
    {},
    [...GRACE, 'preReset', ...STOP_1_8, 'kexec', 'stopEverything', 'forceCleanup', 'resetSpec', 'reboot'],
  ],
  [
    'v1.8.4',
    'cp-1',
    {},
    [...GRACE, 'leave', 'preReset', ...STOP_1_8, 'kexec', 'stopEverything', 'forceCleanup', 'resetSpec', 'reboot'],
  ],
  [
    'v1.13.9',
    'cp-1',
    { graceful: false },
    ['cleanup', 'dbus', 'preReset', ...STOP, 'kexec', 'stopEverything', 'forceCleanup', 'resetSpec', 'reboot'],
  ],
  [
    'v1.13.9',
    'w-1',
    { reboot: false },
    [...GRACE, 'preReset', ...STOP, 'kexec', 'stopEverything', 'forceCleanup', 'resetSpec', 'shutdown'],
  ],
  ['v1.13.9', 'w-1', WHOLE, [...GRACE, 'preReset', ...STOP, 'stopEverything', 'forceCleanup', 'reset', 'reboot']],
  [
    'v1.13.9',
    'w-1',
    DISKS,
    [...GRACE, 'preReset', ...STOP, 'stopEverything', 'forceCleanup', 'resetUserDisks', 'reboot'],
  ],
  [
    'v1.13.9',
    'w-1',
    { ...DISKS, mode: 'ALL' },
    [...GRACE, 'preReset', ...STOP, 'stopEverything', 'forceCleanup', 'reset', 'resetUserDisks', 'reboot'],
  ],
  ['v1.14.0', 'w-1', {}, [...GRACE, 'preReset', ...STOP_1_14, 'kexec', 'forceCleanup', 'resetSpec', 'reboot']],
  ['v1.14.0', 'cp-1', WHOLE, [...GRACE, 'leave', 'preReset', ...STOP_1_14, 'forceCleanup', 'reset', 'reboot']],
])('%s, %s, %j: the phases in their order', async ([version, name, more, expected]) => {
  await world.load(`version: ${version}`);
  expect(await phases(name, more)).toEqual(expected);
});

test('a node that does not register with Kubernetes is not drained', async () => {
  await world.load('version: v1.13.9');
  const own = world.stored('w-1').toString();
  await apply(world, 'w-1', changed(own, { 'machine.kubelet.skipNodeRegistration': true }));
  expect((await phases('w-1', {})).slice(0, 3)).toEqual(['cleanup', 'dbus', 'preReset']);
});

test('without Kubernetes the drain takes a minute and fails, and the reset goes on', async () => {
  await world.load('version: v1.13.9');
  await world.cluster.setPower('cp-1', 'off');
  await world.cluster.setPower('cp-2', 'off');
  const actor = await reset('w-1', {});
  clock.advance(50_000);
  expect(phasesOf(await eventsOf(world, 'w-1'), actor)).toEqual(['drain']);
  await seen.until(isDying('w-1'), { stepS: 1 });
  expect(Object.keys(await seen.partitions('w-1'))).toEqual(['META']);
  const last = sequencesIn(await eventsOf(world, 'w-1')).at(-1);
  expect(last?.error?.message).toContain('unix.Reboot(');
});
