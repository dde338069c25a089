import { expect, test } from 'vitest';
import { readValue } from '../../../lib/evidence/reading.ts';
import { machineChanges } from '../../../lib/talos/changing-methods.ts';
import type { ResetRequest } from '../../../lib/talos/generated/machine/machine.ts';
import { machineService } from '../../../lib/talos/methods.ts';
import { panelOf } from '../panel.ts';
import { actingForThisFile, phasesOf } from './client.ts';

const here = actingForThisFile();

const deadlineMs = 8_000;
const isUp = (name: string) => expect.poll(() => here.world.stage(name), { timeout: 10_000 }).toBe('running');
const hasBootedSince = (name: string, bootTime: number) =>
  expect.poll(() => here.seen.bootTime(name), { timeout: 10_000 }).toBeGreaterThan(bootTime);
/** No machine answers at its port, as long as a machine needs to boot and longer. */
const staysSilent = async (name: string) => {
  const asked = here.world.to(name, 'reader', { deadlineMs: 2_000 });
  await expect.poll(() => asked.call(machineService.version, {}), { timeout: 20_000 }).toMatchObject({ code: 4 });
};
const names = async () => (await here.seen.names('cp-1')).toSorted();
const EVERYBODY = ['cp-1', 'cp-2', 'cp-3'];

test.for(['v1.8.4', 'v1.10.7', 'v1.12.11', 'v1.14.0'])(
  'Talos %s: STATE and EPHEMERAL wiped, it comes back in maintenance mode; its image and boot entries are as they were',
  { timeout: 30_000 },
  async (version) => {
    await here.load(version);
    const before = readValue((await here.acting.look('w-1')).readings.extensions);
    const order = { wipe: 'state_and_ephemeral', graceful: true, deadlineMs } as const;
    const told = await here.acting.followed('w-1', () => here.acting.admin.reset(here.acting.target('w-1'), order));
    expect(told.at(-1)).toMatchObject({ kind: 'end', how: 'other_certificate' });
    const { reach, readings } = await here.acting.look('w-1');
    expect(reach.mode).toBe('maintenance');
    expect(readValue(readings.volumes)?.find(({ id }) => id === 'STATE')?.phase).toBe('missing');
    expect(readValue(readings.extensions)).toEqual(before);
    // STATE had the config and the identity
    expect(Object.keys(await here.seen.partitions('w-1', 'maintenance'))).toEqual(['META']);
  },
);

test('the phases of a graceful reset of a control plane, in their order', async () => {
  await here.load('v1.14.0');
  here.world.cluster.setFactor(4); // slow enough that a dying node still tells
  const order = { wipe: 'ephemeral', graceful: true, deadlineMs } as const;
  const told = await here.acting.followed('cp-3', () => here.acting.admin.reset(here.acting.target('cp-3'), order), {
    isPersistent: false,
  });
  here.world.cluster.setFactor(60);
  expect(phasesOf(told).slice(0, 8)).toEqual([
    'drain',
    'cleanup',
    'dbus',
    'leave',
    'preReset',
    'denyNewServices',
    'stopServices',
    'umount',
  ]);
  expect(told.at(-1)).toMatchObject({ kind: 'lost' });
});

test('EPHEMERAL alone: config and identity stay, and a control plane that left etcd joins as another member', async () => {
  await here.load('v1.13.9');
  const [nodeId, config] = [await here.seen.nodeId('cp-2'), await here.seen.config('cp-2')];
  const member = await here.seen.memberId('cp-1', 'cp-2');
  const order = { wipe: 'ephemeral', graceful: true, deadlineMs } as const;
  const told = await here.acting.followed('cp-2', () => here.acting.admin.reset(here.acting.target('cp-2'), order));
  expect(told.at(-1)).toMatchObject({ kind: 'end', how: 'up' });
  expect(await here.seen.nodeId('cp-2')).toBe(nodeId);
  expect(await here.seen.config('cp-2')).toBe(config);
  expect(await names()).toEqual(EVERYBODY);
  expect(await here.seen.memberId('cp-1', 'cp-2')).not.toBe(member);
});

test('without grace the member stays behind, dead, until it is replaced under its name', async () => {
  await here.load('v1.13.9');
  const member = await here.seen.memberId('cp-1', 'cp-2');
  const order = { wipe: 'ephemeral', graceful: false, deadlineMs } as const;
  let during: readonly string[] = [];
  const told = await here.acting.followed('cp-2', async () => {
    const answer = await here.acting.admin.reset(here.acting.target('cp-2'), order);
    during = (await here.seen.members('cp-1')).map(({ id }) => id);
    return answer;
  });
  expect(during).toContain(member);
  expect(told.at(-1)).toMatchObject({ kind: 'end', how: 'up' });
  expect(await names()).toEqual(EVERYBODY);
  expect(await here.seen.memberId('cp-1', 'cp-2')).not.toBe(member);
});

test('the last member cannot leave: the reset fails, and the node reboots as it was', async () => {
  await here.world.load('version: v1.13.9\ncluster: { controlPlanes: 1 }');
  const [bootTime, partitions] = [await here.seen.bootTime('cp-1'), await here.seen.partitions('cp-1')];
  const order = { wipe: 'state_and_ephemeral', graceful: true, deadlineMs } as const;
  const told = await here.acting.followed('cp-1', () => here.acting.admin.reset(here.acting.target('cp-1'), order));
  expect(told.at(-1)).toMatchObject({ kind: 'end', how: 'failed', because: expect.stringContaining('leave') });
  await hasBootedSince('cp-1', bootTime);
  await isUp('cp-1');
  expect(await here.seen.partitions('cp-1')).toEqual(partitions);
});

const raw = (change: Partial<ResetRequest>): ResetRequest => ({
  graceful: false,
  reboot: true,
  systemPartitionsToWipe: [],
  userDisksToWipe: [],
  mode: 'SYSTEM_DISK',
  ...change,
});
const STATE = { label: 'STATE', wipe: true };
test.for<[string, Partial<ResetRequest>, string, string]>([
  ['v1.13.9', { userDisksToWipe: ['/dev/sdb'] }, 'SYSTEM_DISK', "doesn't support UserDisksToWipe parameter"],
  [
    'v1.13.9',
    { mode: 'USER_DISKS', systemPartitionsToWipe: [STATE] },
    'USER_DISKS',
    "doesn't support SystemPartitionsToWipe",
  ],
  [
    'v1.13.9',
    { mode: 'ALL', userDisksToWipe: ['/dev/sdb'] },
    'a disk that is not there',
    "device /dev/sdb wasn't found",
  ],
  [
    'v1.13.9',
    { systemPartitionsToWipe: [{ label: 'NOPE', wipe: true }] },
    'a label',
    'failed to get volume status with label "NOPE"',
  ],
])('Talos %s refuses %o: %s', async ([version, change, , text]) => {
  await here.load(version);
  const seen = await here.world.to('w-2', 'admin').call(machineChanges.reset, raw(change));
  expect(seen).toMatchObject({ code: 2, text: expect.stringContaining(text) });
});

test('entries without wipe: up to 1.9 the whole disk with what boots from it, from 1.10 on nothing', async () => {
  const request = raw({ systemPartitionsToWipe: [{ label: 'STATE', wipe: false }] });
  const reset = () => here.world.to('w-2', 'admin').call(machineChanges.reset, request);
  await here.load('v1.9.6');
  expect(await reset()).toHaveProperty('reply');
  await staysSilent('w-2');
  await here.world.cluster.setPower('w-2', 'off');
  await here.world.cluster.setPower('w-2', 'on');
  await staysSilent('w-2');
  await here.load('v1.10.7');
  const [bootTime, partitions] = [await here.seen.bootTime('w-2'), await here.seen.partitions('w-2')];
  expect(await reset()).toHaveProperty('reply');
  await hasBootedSince('w-2', bootTime);
  await isUp('w-2');
  expect(await here.seen.partitions('w-2')).toEqual(partitions);
});

test('an empty list is the whole disk, and without reboot the machine goes off', async () => {
  await here.load('v1.14.0');
  const request = raw({ reboot: false });
  expect(await here.world.to('w-3', 'admin').call(machineChanges.reset, request)).toHaveProperty('reply');
  const panel = await panelOf(here.world.cluster);
  await expect.poll(async () => (await panel.node('w-3')).stage, { timeout: 10_000 }).toBe('off');
  panel.close();
  await here.world.cluster.setPower('w-3', 'on');
  await staysSilent('w-3'); // there is nothing left to start
});
