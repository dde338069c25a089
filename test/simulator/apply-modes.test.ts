import { expect, test } from 'vitest';
import { machineChanges } from '../../lib/talos/changing-methods.ts';
import type { ApplyConfigurationRequest } from '../../lib/talos/generated/machine/machine.ts';
import { eventsOf, RESET } from './acting.ts';
import { apply, changed, configsOf, withDocument } from './applying.ts';
import { seenForThisFile } from './seen.ts';
import { sequencesIn } from './simulated.ts';

const { clock, seen, world } = await seenForThisFile();

type Mode = ApplyConfigurationRequest['mode'];
const NODE = 'w-1';
const load = (version: string) => world.load(`version: ${version}`);
const own = () => world.stored(NODE).toString();
const send = (text: string, more: { mode?: Mode; dryRun?: boolean } = {}) => apply(world, NODE, text, more);
/** A node that was not rebooted has booted once, and goes on running. */
const isRebooting = async () => {
  clock.advance(500);
  return (await seen.stage(NODE)) === 'rebooting';
};

const WITHOUT = 'Applied configuration without a reboot';
const WITH = 'Applied configuration with a reboot';
const STAGED = 'Staged configuration to be applied after the next reboot';
const UNIMPLEMENTED = 'the REBOOT mode is not supported, please use AUTO or NO_REBOOT modes instead';
const NOT_IMMEDIATE = "this config change can't be applied in immediate mode\ndiff:\n--- a\n+++ b\n@@ ";

/** What may change at once, and what needs a reboot up to 1.13. */
const LABEL = { 'machine.nodeLabels.tier': 'gold' };
const FILES = { 'machine.files': [{ path: '/var/x', op: 'create', content: 'x', permissions: 420 }] };

test.for<[version: string, mode: Mode, what: Record<string, unknown>, used: Mode, details: string, reboots: boolean]>([
  ['v1.8.4', 'REBOOT', LABEL, 'REBOOT', WITH, true],
  ['v1.13.9', 'REBOOT', LABEL, 'REBOOT', WITH, true],
  ['v1.8.4', 'AUTO', LABEL, 'NO_REBOOT', WITHOUT, false],
  ['v1.13.9', 'AUTO', LABEL, 'NO_REBOOT', WITHOUT, false],
  ['v1.14.0', 'AUTO', LABEL, 'NO_REBOOT', WITHOUT, false],
  ['v1.8.4', 'AUTO', FILES, 'REBOOT', `${WITH}: ${NOT_IMMEDIATE}`, true],
  ['v1.13.9', 'AUTO', FILES, 'REBOOT', `${WITH}: ${NOT_IMMEDIATE}`, true],
  ['v1.14.0', 'AUTO', FILES, 'NO_REBOOT', WITHOUT, false],
  ['v1.10.7', 'NO_REBOOT', LABEL, 'NO_REBOOT', WITHOUT, false],
  ['v1.14.0', 'NO_REBOOT', FILES, 'NO_REBOOT', WITHOUT, false],
  ['v1.8.4', 'STAGED', FILES, 'STAGED', STAGED, false],
  ['v1.14.0', 'STAGED', FILES, 'STAGED', STAGED, false],
  ['v1.9.6', 'TRY', LABEL, 'TRY', `${WITHOUT}\nThe config is applied in 'try' mode`, false],
  ['v1.14.0', 'TRY', FILES, 'TRY', `${WITHOUT}\nThe config is applied in 'try' mode`, false],
])('%s, mode %s, %j: %s', async ([version, mode, what, used, details, reboots]) => {
  await load(version);
  const answer = await send(changed(own(), what), { mode });
  expect(answer).toMatchObject({
    mode: used,
    modeDetails: expect.stringMatching(`^${escaped(details)}`),
    warnings: [],
  });
  expect(await isRebooting()).toBe(reboots);
});
const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

test.for<[version: string, mode: Mode, what: Record<string, unknown>, code: number, text: string]>([
  ['v1.14.0', 'REBOOT', LABEL, 12, UNIMPLEMENTED],
  ['v1.8.4', 'NO_REBOOT', FILES, 3, NOT_IMMEDIATE],
  ['v1.13.9', 'NO_REBOOT', FILES, 3, NOT_IMMEDIATE],
  ['v1.13.9', 'TRY', FILES, 3, NOT_IMMEDIATE],
  ['v1.13.9', 'UNRECOGNIZED', LABEL, 2, "incorrect mode '"],
  ['v1.14.0', 'UNRECOGNIZED', LABEL, 3, "incorrect mode '"],
])('%s, mode %s, %j is refused and changes nothing', async ([version, mode, what, code, text]) => {
  await load(version);
  const answer = await send(changed(own(), what), { mode });
  expect(answer).toMatchObject({ code, text: expect.stringMatching(`^${escaped(text)}`) });
  expect(await isRebooting()).toBe(false);
  expect(await seen.config(NODE)).toBe(own());
});

test('the diff of a refusal has what needs the reboot, and leaves out what does not', async () => {
  await load('v1.13.9');
  const answer = await send(changed(own(), { ...LABEL, 'machine.type': 'worker', ...FILES }), { mode: 'NO_REBOOT' });
  const text = 'text' in answer ? answer.text : '';
  expect(text).toContain('+  files:\n+    - path: /var/x\n');
  expect(text).not.toContain('gold');
});

const IMMEDIATE = [
  ...['debug', 'cluster.extraManifests', 'cluster.apiServer'],
  ...['ca.crt', 'acceptedCAs', 'time', 'certSANs', 'install', 'network', 'sysfs', 'sysctls', 'logging'].map(inMachine),
  ...['controlPlane', 'kubelet', 'kernel', 'registries', 'pods', 'seccompProfiles'].map(inMachine),
  ...['nodeLabels', 'nodeAnnotations', 'nodeTaints'].map(inMachine),
  ...['kubernetesTalosAPIAccess', 'kubePrism', 'hostDNS'].map((key) => inMachine(`features.${key}`)),
];
const NEEDS_REBOOT = [
  ...['persist', 'machine.token', 'machine.disks', 'machine.files', 'machine.env', 'machine.udev'],
  ...['machine.systemDiskEncryption', 'machine.features.rbac', 'machine.features.diskQuotaSupport'],
];
const SINCE_1_9 = ['machine.features.imageCache', 'machine.features.nodeAddressSortAlgorithm'];
function inMachine(key: string): string {
  return `machine.${key}`;
}
/** Another value for any key: what exactly does not matter to Talos' comparison. */
const VALUES: Readonly<Record<string, unknown>> = {
  debug: true,
  persist: false,
  'machine.certSANs': ['a.test'],
  'machine.install': { disk: '/dev/vda' },
  'machine.features.rbac': false,
  'machine.features.diskQuotaSupport': false,
  'machine.ca.crt': 'bmV3',
};
const another = (path: string) => changed(own(), { [path]: VALUES[path] ?? {} });

test.for([
  ['v1.8.4', IMMEDIATE, NEEDS_REBOOT],
  ['v1.13.9', [...IMMEDIATE, ...SINCE_1_9], [...NEEDS_REBOOT, 'machine.baseRuntimeSpecOverrides']],
  ['v1.14.0', [...IMMEDIATE, ...SINCE_1_9, ...NEEDS_REBOOT], []],
] as const)('%s: which fields may change at once', { timeout: 30_000 }, async ([version, immediate, needsReboot]) => {
  await load(version);
  const modeFor = async (path: string) => {
    const answer = await send(another(path), { dryRun: true });
    return [path, 'mode' in answer ? answer.mode : answer.text];
  };
  for (const path of immediate) expect(await modeFor(path)).toEqual([path, 'NO_REBOOT']);
  for (const path of needsReboot) expect(await modeFor(path)).toEqual([path, 'REBOOT']);
});

test.for(['v1.8.4', 'v1.13.9'])('%s: another document never forces a reboot', async (version) => {
  await load(version);
  const text = withDocument(own(), { kind: 'WatchdogTimerConfig', device: '/dev/watchdog0' });
  expect(await send(text, { mode: 'NO_REBOOT' })).toMatchObject({ mode: 'NO_REBOOT', modeDetails: WITHOUT });
  expect(await isRebooting()).toBe(false);
});

test('a dry run says what would happen and shows the diff; nothing changes, and nobody is warned', async () => {
  await load('v1.13.9');
  const extensions = { 'machine.install.extensions': [{ image: 'ghcr.io/siderolabs/iscsi-tools:v0.1.6' }] };
  const text = changed(own(), extensions);
  const dry = await send(text, { dryRun: true });
  expect(dry).toMatchObject({ mode: 'NO_REBOOT', warnings: [] });
  const details = 'modeDetails' in dry ? dry.modeDetails : '';
  expect(details).toMatch(/^Dry run summary:\nApplied configuration without a reboot \(skipped in dry-run\)\.\n/);
  expect(details).toContain('Config diff:\n\n--- a\n+++ b\n');
  expect(details).toContain('+      - image: ghcr.io/siderolabs/iscsi-tools:v0.1.6\n');
  expect((await configsOf(world, NODE)).v1alpha1).toBe(own());
  const same = await send(own(), { dryRun: true });
  expect(same).toMatchObject({ modeDetails: expect.stringMatching(/\nConfig diff:\n\nNo changes\.$/) });
  const wet = await send(text);
  expect(wet).toMatchObject({ warnings: [expect.stringMatching(/^\.machine\.install\.extensions is deprecated/)] });
});

test('a dry run of what needs a reboot is answered as such, and the node stays up', async () => {
  await load('v1.12.11');
  expect(await send(changed(own(), FILES), { dryRun: true })).toMatchObject({
    mode: 'REBOOT',
    modeDetails: expect.stringMatching(/^Dry run summary:\nApplied configuration with a reboot \(skipped in dry-run\)/),
  });
  expect(await isRebooting()).toBe(false);
});

test('the reboot for a config takes over whatever runs, and nobody is its actor', async () => {
  await load('v1.13.9');
  const booted = await seen.bootsOf(NODE);
  await world.to(NODE, 'admin').call(machineChanges.reset, RESET);
  clock.advance(1_000);
  expect(await world.stage(NODE)).toBe('resetting');
  await send(changed(own(), FILES));
  expect(await isRebooting()).toBe(true);
  expect(sequencesIn(await eventsOf(world, NODE)).slice(-3)).toMatchObject([
    { sequence: 'reset', action: 'STOP' },
    { sequence: 'reset', action: 'NOOP', error: { code: 'CANCELED' } },
    { sequence: 'reboot', action: 'START', actorId: '' },
  ]);
  await seen.until(booted(1));
  expect((await configsOf(world, NODE)).v1alpha1).toBe(changed(own(), FILES));
});
