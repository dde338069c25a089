import { expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { eventsOf, UPGRADE } from './acting.ts';
import { seenForThisFile } from './seen.ts';
import { sequencesIn } from './simulated.ts';

/** An upgrade that the installer gives up on is a failure that anybody can cause. */

const { clock, seen, world } = await seenForThisFile();

const NODE = 'w-1';
const TOO_OLD = 'ghcr.io/siderolabs/installer:v1.9.6';
const upgrade = (image: string) => world.to(NODE, 'admin').call(change.upgrade, { ...UPGRADE, image });
async function fails(): Promise<void> {
  await upgrade(TOO_OLD);
  await seen.until(async () => (await seen.stage(NODE)) === 'rebooting', { stepS: 1 });
}

test('a failure: STOP, then the error, stage rebooting, ten seconds, and a boot as before', async () => {
  await world.load('version: v1.13.9');
  const booted = await seen.bootsOf(NODE);
  await fails();
  const events = await eventsOf(world, NODE);
  expect(sequencesIn(events).slice(-2)).toMatchObject([
    { sequence: 'upgrade', action: 'STOP', error: undefined },
    { sequence: 'upgrade', action: 'NOOP', error: { code: 'FATAL' } },
  ]);
  expect(sequencesIn(events).at(-1)?.error?.message).not.toContain('unix.Reboot(');
  expect(await seen.stage(NODE)).toBe('rebooting');
  const since = clock.now();
  await seen.until(booted(1));
  expect((await seen.bootTime(NODE)) - since / 1000).toBeGreaterThan(10);
  expect(await seen.version(NODE)).toBe('v1.13.9');
});

test('panic=0: the kernel stays, nothing runs on it, and only its power helps', async () => {
  await world.load(`version: v1.13.9\nnodes: { ${NODE}: { kernelArgs: [panic=0] } }`);
  const booted = await seen.bootsOf(NODE);
  await fails();
  expect((await seen.kernelLog(NODE)).join('\n')).toContain('panic=0 kernel flag found, sleeping forever');
  clock.advance(600_000);
  await world.cluster.setPower(NODE, 'on'); // it is on, so that this does nothing
  const asked = world.to(NODE, 'reader', { deadlineMs: 2_000 });
  expect(await asked.call(m.version, {})).toMatchObject({ code: 14, text: expect.stringContaining('ECONNREFUSED') });
  await world.cluster.setPower(NODE, 'off');
  await world.cluster.setPower(NODE, 'on');
  await seen.until(booted(1));
});

test.for([
  ['unconfirmed', 'v1.12.11'],
  ['confirmed', 'v1.13.9'],
] as const)('a failure after an upgrade that is %s: the machine boots %s', async ([state, version]) => {
  await world.load('version: v1.12.11');
  const booted = await seen.bootsOf(NODE);
  await upgrade('ghcr.io/siderolabs/installer:v1.13.9');
  await seen.until(booted(1, 'booting'));
  expect(await seen.version(NODE)).toBe('v1.13.9');
  if (state === 'confirmed') await seen.until(booted(1));
  await fails();
  await seen.until(booted(2));
  expect(await seen.version(NODE)).toBe(version);
  expect(Object.keys(await seen.metaKeys(NODE))).not.toContain('0x06');
});

test('the key in META decides: with it the other boot entry is taken, however it came there', async () => {
  const physical = `{ otherEntry: v1.12.11, metaKeys: { '0x06': B } }`;
  await world.load(`version: v1.13.9\nnodes: { ${NODE}: ${physical} }`);
  const booted = await seen.bootsOf(NODE);
  await upgrade('ghcr.io/siderolabs/installer:v1.9.6');
  await seen.until(booted(1));
  expect(await seen.version(NODE)).toBe('v1.12.11');
});

test('a sequence that hangs in the kernel: another one is accepted, waits a minute, and only the log knows', async () => {
  const disk = 'systemDisk: { bus: nvme, diesAfter: [2m, never] }';
  await world.load(`version: v1.13.9\nbootedAgo: 6m\nnodes: { ${NODE}: { ${disk} } }`);
  const reboot = () => world.to(NODE, 'operator').call(change.reboot, { mode: 'FORCE' });
  const log = async () => (await seen.kernelLog(NODE)).join('\n');
  const bootTime = await seen.bootTime(NODE);
  await world.to(NODE, 'operator').call(change.reboot, { mode: 'DEFAULT' });
  clock.advance(60_000);
  const before = sequencesIn(await eventsOf(world, NODE)).length;
  expect(await reboot()).toHaveProperty('reply');
  clock.advance(50_000);
  expect(await log()).not.toContain('failed to acquire lock');
  clock.advance(15_000);
  expect(await log()).toContain('[talos] reboot failed: failed to acquire lock: timeout');
  expect(sequencesIn(await eventsOf(world, NODE))).toHaveLength(before);
  expect(await seen.stage(NODE)).toBe('rebooting');
  expect(await seen.bootTime(NODE)).toBe(bootTime);
});
