import { expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { REBOOT, settle } from './acting.ts';
import { apply, changed, configsOf } from './applying.ts';
import { screenOf } from './screen.ts';
import { seenForThisFile } from './seen.ts';

/** What becomes of a config that is stored: one that the booted version cannot read, and one that waits for its boot. */

const { clock, seen, world } = await seenForThisFile();

const asked = (name: string) => world.to(name, 'reader', { deadlineMs: 2_000 }).call(m.version, {});
const REFUSED = { code: 14, text: expect.stringContaining('ECONNREFUSED') };
const screen = (name: string) => screenOf(world, name);
const failures = (name: string) => screen(name).split('"controller": "config.AcquireController", "error"').length - 1;

test.for([
  [
    'c18-previous-version-booted',
    'booting Talos v1.8.4',
    String.raw`"error": "failed to load config from STATE: unknown keys found during decoding:\nmachine:\n    features:\n        imageCache:\n            localEnabled: true\n"`,
    'v1.9.6',
  ],
  [
    'c03-config-unknown-to-version',
    'booting Talos v1.11.5',
    String.raw`"error": "failed to load config from STATE: \"HostnameConfig\" \"v1alpha1\": not registered"`,
    'v1.12.11',
  ],
] as const)(
  '%s: never past its config, and the reason is on its screen only',
  async ([scenario, boots, line, known]) => {
    await world.load(scenario);
    expect(await asked('w-2')).toMatchObject(REFUSED);
    expect(await world.to('w-2', 'maintenance').list('runtime', 'X')).toMatchObject({ code: 14 });
    expect(screen('w-2')).toContain(boots);
    expect(screen('w-2')).toContain(line);
    const before = failures('w-2');
    clock.advance(300_000);
    expect(failures('w-2')).toBeGreaterThan(before);
    await world.cluster.setPower('w-2', 'off');
    await world.cluster.setPower('w-2', 'on');
    clock.advance(60_000);
    await settle(world);
    expect(await asked('w-2')).toMatchObject(REFUSED);
    expect(screen('w-2')).toContain(line);
    const members = await world.to('cp-1', 'reader').list('cluster', 'Members.cluster.talos.dev');
    // the others know it as it was while it was well
    expect(members).toMatchObject({ reply: { 'w-2': { operatingSystem: `Talos (${known})` } } });
  },
);

test('a rollback to a version that cannot read the config: the node does not come back', async () => {
  await world.load('version: v1.9.6\nnodes: { w-1: { otherEntry: v1.8.4 } }');
  const own = world.stored('w-1').toString();
  const text = changed(own, { 'machine.features.imageCache.localEnabled': true });
  expect(await apply(world, 'w-1', text)).toMatchObject({ mode: 'NO_REBOOT' });
  expect(await world.to('w-1', 'admin').call(change.rollback, {})).toHaveProperty('reply');
  clock.advance(300_000);
  await settle(world);
  expect(await asked('w-1')).toMatchObject(REFUSED);
  expect(screen('w-1')).toContain('imageCache');
});

test('a rollback to a version that can read it: the machine comes back with it', async () => {
  await world.load('version: v1.9.6\nnodes: { w-1: { otherEntry: v1.8.4 } }');
  const booted = await seen.bootsOf('w-1');
  await world.to('w-1', 'admin').call(change.rollback, {});
  await seen.until(booted(1));
  expect(await seen.version('w-1')).toBe('v1.8.4');
});

test('c03-config-not-in-effect: a reboot puts into effect what was staged, and not the kernel argument', async () => {
  await world.load('c03-config-not-in-effect');
  const parameters = async () =>
    JSON.stringify(await seen.resources('w-2', 'runtime', 'KernelParamStatuses.runtime.talos.dev'));
  const booted = await seen.bootsOf('w-2');
  const before = await configsOf(world, 'w-2');
  expect(before.v1alpha1).toBe(world.stored('w-2').toString());
  expect(before.persistent).toContain('vm.max_map_count: "262144"');
  expect(await parameters()).not.toContain('vm.max_map_count');
  await world.to('w-2', 'operator').call(change.reboot, REBOOT);
  await seen.until(booted(1));
  expect((await configsOf(world, 'w-2')).v1alpha1).toBe(before.persistent);
  expect(await parameters()).toContain('vm.max_map_count');
  expect(await seen.cmdline('w-2')).toMatch(/^BOOT_IMAGE=/);
  expect(await seen.cmdline('w-2')).not.toContain('settle_time');
});
