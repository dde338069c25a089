import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { eventsOf, settle, simulateStepped, UPGRADE } from './acting.ts';
import { sequencesIn } from './simulated.ts';

/** An upgrade that the installer gives up on is a failure that anybody can cause. */

let stepped: Awaited<ReturnType<typeof simulateStepped>>;
beforeAll(async () => {
  stepped = await simulateStepped();
});
afterAll(() => stepped.world.end());

const NODE = 'w-1';
const TOO_OLD = 'ghcr.io/siderolabs/installer:v1.9.6';
const upgrade = (image: string) => stepped.world.to(NODE, 'admin').call(change.upgrade, { ...UPGRADE, image });
const isDying = () => stepped.node(NODE).pending.some(({ step }) => step.kind === 'falls_silent');
async function fails(): Promise<void> {
  await upgrade(TOO_OLD);
  await stepped.pass(isDying);
}
const isRunningAfter = (boots: number) => () => stepped.node(NODE).bootCount === boots && stepped.isRunning(NODE)();

test('a failure: STOP, then the error, stage rebooting, ten seconds, and a boot as before', async () => {
  await stepped.world.load('version: v1.13.9');
  await fails();
  const events = await eventsOf(stepped.world, NODE);
  expect(sequencesIn(events).slice(-2)).toMatchObject([
    { sequence: 'upgrade', action: 'STOP', error: undefined },
    { sequence: 'upgrade', action: 'NOOP', error: { code: 'FATAL' } },
  ]);
  expect(sequencesIn(events).at(-1)?.error?.message).not.toContain('unix.Reboot(');
  expect(await stepped.world.stage(NODE)).toBe('rebooting');
  const since = stepped.clock.now();
  await stepped.pass(() => stepped.node(NODE).bootCount === 2);
  expect(stepped.clock.now() - since).toBeGreaterThan(10_000);
  await stepped.pass(isRunningAfter(2));
  expect(stepped.node(NODE).physical.version).toBe('v1.13.9');
});

test('panic=0: the kernel stays, nothing runs on it, and only its power helps', async () => {
  await stepped.world.load(`version: v1.13.9\nnodes: { ${NODE}: { kernelArgs: [panic=0] } }`);
  await fails();
  expect(JSON.stringify(stepped.node(NODE).boot?.kernelLog)).toContain('panic=0 kernel flag found, sleeping forever');
  stepped.clock.advance(600_000);
  await settle(stepped.world);
  expect(stepped.node(NODE)).toMatchObject({ bootCount: 1, power: 'on' });
  const asked = stepped.world.to(NODE, 'reader', { deadlineMs: 2_000 });
  expect(await asked.call(m.version, {})).toMatchObject({ code: 14, text: expect.stringContaining('ECONNREFUSED') });
  await stepped.world.cluster.setPower(NODE, 'off');
  await stepped.world.cluster.setPower(NODE, 'on');
  await stepped.pass(isRunningAfter(2));
});

test.for([
  ['unconfirmed', 'v1.12.11'],
  ['confirmed', 'v1.13.9'],
] as const)('a failure after an upgrade that is %s: the machine boots %s', async ([state, version]) => {
  await stepped.world.load('version: v1.12.11');
  await upgrade('ghcr.io/siderolabs/installer:v1.13.9');
  await stepped.pass(() => stepped.node(NODE).bootCount === 2 && stepped.node(NODE).boot?.api === 'running');
  if (state === 'confirmed') await stepped.pass(stepped.isRunning(NODE));
  await fails();
  await stepped.pass(isRunningAfter(3));
  expect(stepped.node(NODE).physical.version).toBe(version);
  const keys = await stepped.world.to(NODE, 'reader').list('runtime', 'MetaKeys.runtime.talos.dev');
  expect('reply' in keys && Object.keys(keys.reply)).not.toContain('0x06');
});

test('the key in META decides: with it the other boot entry is taken, however it came there', async () => {
  const physical = `{ otherEntry: v1.12.11, metaKeys: { '0x06': B } }`;
  await stepped.world.load(`version: v1.13.9\nnodes: { ${NODE}: ${physical} }`);
  await upgrade('ghcr.io/siderolabs/installer:v1.9.6');
  await stepped.pass(isRunningAfter(2));
  expect(stepped.node(NODE).physical.version).toBe('v1.12.11');
});

test('a sequence that hangs in the kernel: another one is accepted, waits a minute, and only the log knows', async () => {
  const disk = 'systemDisk: { bus: nvme, diesAfter: [2m, never] }';
  await stepped.world.load(`version: v1.13.9\nbootedAgo: 6m\nnodes: { ${NODE}: { ${disk} } }`);
  const reboot = () => stepped.world.to(NODE, 'operator').call(change.reboot, { mode: 'FORCE' });
  const log = async () => {
    const seen = await stepped.world.to(NODE, 'reader').frames(m.dmesg, { follow: false, tail: false });
    return 'reply' in seen ? seen.reply.map(({ bytes }) => Buffer.from(bytes).toString()).join('\n') : seen.text;
  };
  await stepped.world.to(NODE, 'operator').call(change.reboot, { mode: 'DEFAULT' });
  stepped.clock.advance(60_000);
  const before = sequencesIn(await eventsOf(stepped.world, NODE)).length;
  expect(await reboot()).toHaveProperty('reply');
  stepped.clock.advance(50_000);
  expect(await log()).not.toContain('failed to acquire lock');
  stepped.clock.advance(15_000);
  expect(await log()).toContain('[talos] reboot failed: failed to acquire lock: timeout');
  expect(sequencesIn(await eventsOf(stepped.world, NODE))).toHaveLength(before);
  expect(stepped.node(NODE)).toMatchObject({ bootCount: 1, boot: { stage: 'rebooting' } });
});
