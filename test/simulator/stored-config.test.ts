import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { REBOOT, settle, simulateStepped } from './acting.ts';
import { apply, changed, configsOf } from './applying.ts';

/** What becomes of a config that is stored: one that the booted version cannot read, and one that waits for its boot. */

let stepped: Awaited<ReturnType<typeof simulateStepped>>;
beforeAll(async () => {
  stepped = await simulateStepped();
});
afterAll(() => stepped.world.end());

const asked = (name: string) => stepped.world.to(name, 'reader', { deadlineMs: 2_000 }).call(m.version, {});
const REFUSED = { code: 14, text: expect.stringContaining('ECONNREFUSED') };
/** What stands on the screen of the machine. */
const console = (name: string) => (stepped.node(name).boot?.kernelLog ?? []).map(({ text }) => text).join('\n');
const failures = (name: string) => console(name).split('"controller": "config.AcquireController", "error"').length - 1;

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
    await stepped.world.load(scenario);
    expect(await asked('w-2')).toMatchObject(REFUSED);
    expect(await stepped.world.to('w-2', 'maintenance').list('runtime', 'X')).toMatchObject({ code: 14 });
    expect(console('w-2')).toContain(boots);
    expect(console('w-2')).toContain(line);
    const before = failures('w-2');
    stepped.clock.advance(300_000);
    expect(failures('w-2')).toBeGreaterThan(before);
    await stepped.world.cluster.setPower('w-2', 'off');
    await stepped.world.cluster.setPower('w-2', 'on');
    stepped.clock.advance(60_000);
    await settle(stepped.world);
    expect(await asked('w-2')).toMatchObject(REFUSED);
    expect(console('w-2')).toContain(line);
    const members = await stepped.world.to('cp-1', 'reader').list('cluster', 'Members.cluster.talos.dev');
    // the others know it as it was while it was well
    expect(members).toMatchObject({ reply: { 'w-2': { operatingSystem: `Talos (${known})` } } });
  },
);

test('a rollback to a version that cannot read the config: the node does not come back', async () => {
  await stepped.world.load('version: v1.9.6\nnodes: { w-1: { otherEntry: v1.8.4 } }');
  const own = stepped.world.stored('w-1').toString();
  const text = changed(own, { 'machine.features.imageCache.localEnabled': true });
  expect(await apply(stepped.world, 'w-1', text)).toMatchObject({ mode: 'NO_REBOOT' });
  expect(await stepped.world.to('w-1', 'admin').call(change.rollback, {})).toHaveProperty('reply');
  await stepped.pass(() => stepped.node('w-1').bootCount === 2);
  stepped.clock.advance(300_000);
  await settle(stepped.world);
  expect(await asked('w-1')).toMatchObject(REFUSED);
  expect(console('w-1')).toContain('imageCache');
});

test('a rollback to a version that can read it: the machine comes back with it', async () => {
  await stepped.world.load('version: v1.9.6\nnodes: { w-1: { otherEntry: v1.8.4 } }');
  await stepped.world.to('w-1', 'admin').call(change.rollback, {});
  await stepped.pass(() => stepped.node('w-1').bootCount === 2 && stepped.isRunning('w-1')());
  expect(await asked('w-1')).toMatchObject({ reply: { messages: [{ version: { tag: 'v1.8.4' } }] } });
});

test('c03-config-not-in-effect: a reboot puts into effect what was staged, and not the kernel argument', async () => {
  await stepped.world.load('c03-config-not-in-effect');
  const parameters = async () => {
    const seen = await stepped.world.to('w-2', 'reader').list('runtime', 'KernelParamStatuses.runtime.talos.dev');
    return JSON.stringify(seen);
  };
  const before = await configsOf(stepped.world, 'w-2');
  expect(before.v1alpha1).toBe(stepped.world.stored('w-2').toString());
  expect(before.persistent).toContain('vm.max_map_count: "262144"');
  expect(await parameters()).not.toContain('vm.max_map_count');
  await stepped.world.to('w-2', 'operator').call(change.reboot, REBOOT);
  await stepped.pass(() => stepped.node('w-2').bootCount === 2 && stepped.isRunning('w-2')());
  expect((await configsOf(stepped.world, 'w-2')).v1alpha1).toBe(before.persistent);
  expect(await parameters()).toContain('vm.max_map_count');
  const cmdline = await stepped.world.to('w-2', 'reader').list('runtime', 'KernelCmdlines.runtime.talos.dev');
  expect(JSON.stringify(cmdline)).not.toContain('settle_time');
});
