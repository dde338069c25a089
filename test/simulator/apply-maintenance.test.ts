import { expect, test } from 'vitest';
import type { ApplyConfigurationRequest } from '../../lib/talos/generated/machine/machine.ts';
import { apply, changed } from './applying.ts';
import { seenForThisFile } from './seen.ts';

const { clock, seen, world } = await seenForThisFile();

type Mode = ApplyConfigurationRequest['mode'];
const NODE = 'w-2';
const WITHOUT_STATE = `nodes: { ${NODE}: { systemDisk: { partitions: { STATE: absent } } } }`;
const load = (version: string, nodes = WITHOUT_STATE) => world.load(`version: ${version}\n${nodes}`);
const own = () => world.stored(NODE).toString();
const send = (text: string, more: { mode?: Mode; dryRun?: boolean } = {}) =>
  apply(world, NODE, text, { identity: 'maintenance', ...more });
const staysInMaintenance = async () => {
  clock.advance(60_000);
  expect(await seen.stage(NODE, 'maintenance')).toBe('maintenance');
};
const isRunning = async () => (await seen.stage(NODE)) === 'running';
const continues = () => seen.until(isRunning);
/** Unix seconds of the test's clock. */
const now = () => clock.now() / 1000;

const unsupported = (mode: string) => `apply configuration --mode='${mode}' is not supported in maintenance mode`;
test.for<[version: string, mode: Mode, text: string]>([
  ['v1.8.4', 'NO_REBOOT', unsupported('no-reboot')],
  ['v1.12.11', 'NO_REBOOT', unsupported('no-reboot')],
  ['v1.12.11', 'STAGED', unsupported('staged')],
])('%s: mode %s is not supported in maintenance mode', async ([version, mode, text]) => {
  await load(version);
  expect(await send(own(), { mode })).toEqual({ code: 12, text });
  await staysInMaintenance();
});

test.for<[version: string, mode: Mode, used: Mode, details: string]>([
  ['v1.8.4', 'REBOOT', 'REBOOT', ''],
  ['v1.10.7', 'AUTO', 'REBOOT', ''],
  ['v1.12.11', 'TRY', 'REBOOT', ''],
  ['v1.13.9', 'REBOOT', 'NO_REBOOT', 'Applied configuration without a reboot'],
  ['v1.13.9', 'AUTO', 'NO_REBOOT', 'Applied configuration without a reboot'],
  ['v1.14.0', 'REBOOT', 'NO_REBOOT', 'Applied configuration without a reboot'],
  ['v1.14.0', 'NO_REBOOT', 'NO_REBOOT', 'Applied configuration without a reboot'],
])(
  '%s, mode %s: the waiting boot continues, without another one; answered as %s',
  async ([version, mode, used, details]) => {
    await load(version);
    expect(await send(own(), { mode })).toEqual(
      expect.objectContaining({ mode: used, modeDetails: details, warnings: [] }),
    );
    const since = now();
    await continues();
    expect(await seen.bootTime(NODE)).toBeLessThan(since);
    expect(await seen.config(NODE)).toBe(own());
  },
);

test('1.13: a staged config is stored where there is a STATE, and the node goes on waiting', async () => {
  await load('v1.13.9', `nodes: { ${NODE}: { systemDisk: { attachesAfter: [41s, 2s] } } }`);
  const text = changed(own(), { 'machine.nodeLabels.tier': 'gold' });
  expect(await send(text, { mode: 'STAGED' })).toMatchObject({
    mode: 'STAGED',
    modeDetails: 'Staged configuration to be applied after the next reboot',
  });
  await staysInMaintenance();
  await world.cluster.setPower(NODE, 'off');
  await world.cluster.setPower(NODE, 'on');
  await continues();
  const status = await world.to(NODE, 'reader').list('k8s', 'NodeStatuses.kubernetes.talos.dev');
  expect(JSON.stringify(status)).toContain('"tier":"gold"');
});

const PARTIAL = 'apiVersion: v1alpha1\nkind: WatchdogTimerConfig\ndevice: /dev/watchdog0\n';
test.for(['v1.12.11', 'v1.13.9'])(
  '%s: documents without the v1alpha1 one are taken, and more is waited for',
  async (version) => {
    await load(version);
    expect(await send(PARTIAL)).not.toHaveProperty('code');
    await staysInMaintenance();
    await send(own());
    await continues();
  },
);

test.for(['v1.12.11', 'v1.13.9'])(
  '%s: a dry run says that there is no config yet, or what it would be',
  async (version) => {
    await load(version);
    const tried = await send(own(), { dryRun: true });
    const details = 'modeDetails' in tried ? tried.modeDetails : '';
    expect(details).toMatch(/^Dry run summary:\n/);
    if (version === 'v1.12.11') {
      expect(details).toMatch(/\nNode is running in maintenance mode and does not have a config yet\.$/);
    } else expect(details).toMatch(/\(skipped in dry-run\)\.\nConfig diff:\n\n--- a\n\+\+\+ b\n/);
    await staysInMaintenance();
  },
);

test.for(['v1.9.6', 'v1.14.0'])('%s: an empty disk is installed, and the machine boots from it', async (version) => {
  await load(version, `nodes: { ${NODE}: { systemDisk: { partitions: none } } }`);
  expect(await seen.partitions(NODE, 'maintenance')).toEqual({});
  await send(own());
  // up to 1.12 apid starts after the installation
  if (version === 'v1.14.0') await seen.until(async () => (await seen.stage(NODE)) === 'installing');
  const since = now();
  await continues();
  expect(await seen.bootTime(NODE)).toBeGreaterThan(since);
  expect(await seen.config(NODE)).toBe(own());
  expect(Object.keys(await seen.partitions(NODE))).toEqual(['META', 'STATE', 'EPHEMERAL']);
});

test('a config is taken, and waits for a disk that comes later', async () => {
  await load('v1.13.9', `nodes: { ${NODE}: { systemDisk: { attachesAfter: [10m, 2s] } } }`);
  await send(own());
  const since = now();
  clock.advance(60_000);
  expect(await seen.port(NODE)).toBe('refused');
  await seen.until(isRunning, { stepS: 10, maxS: 400 });
  expect(await seen.bootTime(NODE)).toBeLessThan(since);
  expect(now() - since).toBeGreaterThan(5 * 60);
});
