import { describe, expect, test } from 'vitest';
import type { Evidence, Readings } from '../../lib/evidence/evidence.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import type { Finding, Order } from '../../lib/playbooks/finding.ts';
import { isOlder } from '../../lib/versions/talos-version.ts';
import { AT, BOOT_S, facts, failed, kernel, ok, running, silent, stateVolume } from './build-evidence.ts';
import { extension, service } from './services-in-trouble.ts';

const only = (code: string, evidence: Evidence, known = facts()): Finding => {
  const [found, ...more] = runPlaybooks(evidence, known).filter((finding) => finding.code === code);
  if (found === undefined || more.length > 0) throw new Error(`${more.length} findings of ${code}`);
  return found;
};
const codes = (evidence: Evidence, known = facts()) => runPlaybooks(evidence, known).map(({ code }) => code);
const version = (tag: string) => ok({ tag, platform: 'metal', mode: 'metal' });
const rebooted = (readings: Readings = {}) => running({ systemStat: ok({ bootTimeS: BOOT_S }), ...readings });

test('a reboot of which nothing is left says so, and where more may be known', () => {
  const found = only('node_rebooted', rebooted());
  expect(found.summary).toBe('cp-1 rebooted at 2026-03-01 11:50 UTC; its services are up.');
  expect(found.advice).toMatch(/^The node does not say why: .*KmsgLogConfig/);
});

test.for<readonly [string, Readings, string]>([
  ['an upgrade', { version: version('v1.13.4') }, ' into v1.13.4, an upgrade from v1.13.2;'],
  ['a fallback', { version: version('v1.12.6') }, ' into the older v1.12.6; v1.13.2 ran before;'],
  [
    'another schematic',
    { extensions: ok([extension('schematic', 'schematic-b')]) },
    ' into another image of v1.13.2, as its schematic changed;',
  ],
])('%s is told by what was booted', ([, readings, text]) => {
  const found = only('node_rebooted', rebooted(readings));
  expect(found.summary).toContain(`rebooted at 2026-03-01 11:50 UTC${text}`);
  expect(found.advice).toBeUndefined();
});

// 71 minutes are 4,260 s
const boots = (...secondsBefore: readonly number[]) =>
  secondsBefore.map((seconds) => ({ bootTimeS: BOOT_S - seconds, seenAt: '' }));
test.for([
  {
    why: 'two intervals of 71 min',
    known: boots(8_520, 4_260),
    says: /after each of its last 2 boots, which ended by the boot timeout/,
  },
  { why: 'one interval may be chance', known: boots(4_260), says: /UTC; its services are up/ },
  {
    why: 'an interval of 3 h between',
    known: boots(4_260 + 10_800 + 4_260, 4_260 + 10_800, 4_260),
    says: /UTC; its services are up/,
  },
  { why: 'intervals of 60 min are no timeout', known: boots(7_200, 3_600), says: /UTC; its services are up/ },
])('$why', ({ known, says }) => {
  expect(only('node_rebooted', rebooted(), facts({ boots: known })).summary).toMatch(says);
});

const EPHEMERAL = { ...stateVolume('ready', 'uuid'), id: 'EPHEMERAL', location: '/dev/sda6' };
const xfs = (device: string, text: string) => kernel('2026-03-01T11:50:09.000Z', `XFS (${device}): ${text}`);
const RECOVERY = 'Starting recovery (logdev: internal)';

test('a log that XFS had to replay is an end without an unmount, and no more than that', () => {
  const readings = { volumes: ok([EPHEMERAL]), kernelLog: ok([xfs('sda6', RECOVERY), xfs('sda6', 'Ending recovery')]) };
  const found = only('node_rebooted', rebooted(readings));
  expect(found.summary).toContain(', and the boot before ended without a clean unmount;');
  expect(found.evidence.map(({ says }) => says)).toContain('XFS (sda6): Starting recovery (logdev: internal)');
});

test('a clean mount rules a power loss out', () => {
  const readings = { volumes: ok([EPHEMERAL]), kernelLog: ok([xfs('sda6', 'Ending clean mount')]) };
  expect(only('node_rebooted', rebooted(readings)).rulesOut.map(({ code }) => code)).toEqual(['power_or_kernel']);
});

test('who ordered the next reboot is said while it begins, and why the boot failed', () => {
  const sequences = ok([
    { id: 'a', actorId: '', sequence: 'boot', action: 'START' as const },
    {
      id: 'b',
      actorId: '',
      sequence: 'boot',
      action: 'NOOP' as const,
      error: { code: 'FATAL' as const, message: 'sequence failed: timeout' },
    },
    { id: 'c', actorId: 'f87a16b0', sequence: 'reboot', action: 'START' as const },
  ]);
  expect(only('node_rebooted', rebooted({ sequences })).evidence.at(-1)?.says).toBe(
    'Sequences of this boot: boot, reboot. reboot was ordered through the API (actor f87a16b0). boot failed: sequence failed: timeout',
  );
});

test('volumes of pods say nothing about the end of the node', () => {
  const readings = { volumes: ok([EPHEMERAL]), kernelLog: ok([xfs('rbd0', RECOVERY)]) };
  expect(only('node_rebooted', rebooted(readings)).summary).not.toContain('unmount');
});

test.for([
  { message: 'BERT: Error records from previous boot:', isError: true },
  {
    message:
      'x86/amd: Previous system reset reason [0x08000800]: an uncorrected error caused a data fabric sync flood event',
    isError: true,
  },
  {
    message: 'x86/amd: Previous system reset reason [0x00080000]: software wrote 0x6 to reset control register 0xCF9',
    isError: false,
  },
])('what the firmware says: $message', ({ message, isError }) => {
  const found = only('node_rebooted', rebooted({ kernelLog: ok([kernel('2026-03-01T11:50:01.000Z', message)]) }));
  expect(found.summary.includes(', after the firmware had recorded an error')).toBe(isError);
});

test('an older version than before is likely a wrong entry, because somebody may have wanted it', () => {
  const found = only('previous_version_booted', rebooted({ version: version('v1.12.6') }));
  expect(found).toMatchObject({ confidence: 'likely', severity: 'warning', suggests: ['upgrade'] });
  expect(found.summary).toBe(
    'cp-1 runs Talos v1.12.6, older than the v1.13.2 that ran until 2026-02-28 00:00 UTC: the boot loader took the older entry, a failed boot fell back, or somebody rolled back.',
  );
  const fellBack = rebooted({ version: version('v1.12.6') });
  expect(only('previous_version_booted', fellBack, facts({ boots: boots(4_260) })).summary).toMatch(
    /: its boot timed out and fell back\.$/,
  );
});

test.for([
  ['a key', 'unknown keys found during decoding:\\nmachine:\\n'],
  ['a kind of document', '\\"HostnameConfig\\" \\"v1alpha1\\": not registered'],
])('a config with %s that this version does not know makes it certain', ([, error]) => {
  const message = `[talos] controller failed {"component": "controller-runtime", "controller": "config.AcquireController", "error": "failed to load config from STATE: ${error}"}`;
  const readings = { version: version('v1.12.6'), kernelLog: ok([kernel('2026-03-01T11:50:09.000Z', message)]) };
  expect(only('previous_version_booted', rebooted(readings))).toMatchObject({ confidence: 'certain', explains: true });
  expect(codes(rebooted({ ...readings, version: version('v1.13.2') }))).not.toContain('previous_version_booted');
});

test.for<readonly [string, Evidence]>([
  ['the same version', rebooted()],
  ['a newer one', rebooted({ version: version('v1.14.0') })],
  ['no version', rebooted({ version: failed() })],
])('%s is not the previous one', ([, evidence]) => {
  expect(codes(evidence)).not.toContain('previous_version_booted');
});

test('a host that is up and whose API is not may have booted the wrong version: the console says so', () => {
  const found = runPlaybooks(silent('connection_refused'), facts());
  expect(found.map(({ code }) => code)).toEqual(['node_silent']);
  expect(found[0]?.advice).toContain('failed to load config from STATE: unknown keys" (or "not registered")');
});

const applied = (...modes: readonly string[]) =>
  ok(modes.map((mode, n) => kernel(`2026-03-01T11:5${n}:30.000Z`, `[talos] apply config request: mode ${mode}`)));
test('a config that was staged waits for a reboot', () => {
  const found = only('config_not_in_effect', rebooted({ kernelLog: applied('auto(no_reboot)', 'staged', 'try') }));
  expect(found).toMatchObject({ confidence: 'likely', severity: 'warning', suggests: ['reboot'] });
  expect(found.summary).toBe(
    'Not all of the config of cp-1 is in effect: a config that was staged at 2026-03-01 11:51 UTC waits for a reboot.',
  );
});

test.for<readonly [string, Readings]>([
  ['a later request took its place', { kernelLog: applied('staged', 'no_reboot') }],
  ['it was only tried', { kernelLog: applied('try') }],
  ['the log cannot be read', { kernelLog: failed() }],
  [
    'the node reboots already',
    {
      kernelLog: applied('staged'),
      machineStatus: ok({ stage: 'rebooting', ready: true, unmetConditions: [] }),
    },
  ],
])('nothing waits: %s', ([, readings]) => {
  expect(codes(rebooted(readings))).not.toContain('config_not_in_effect');
});

test('a module that is configured and not loaded counts where built-in ones are listed too', () => {
  const kernelModuleSpecs = ok([
    { name: 'drbd', parameters: [] },
    { name: 'xfs', parameters: [] },
  ]);
  const live = { name: 'xfs', state: 'live' };
  const listed = rebooted({ kernelModuleSpecs, kernelModules: ok([live, { name: 'tcp_cubic', state: 'built-in' }]) });
  const found = only('config_not_in_effect', listed);
  expect(found.summary).toContain('the kernel module drbd is configured and not loaded');
  expect(found.suggests).toEqual(['upgrade']);
  expect(codes(rebooted({ kernelModuleSpecs, kernelModules: ok([live]) }))).not.toContain('config_not_in_effect');
});

test.for([
  ['v1.8.4', 'v1.9.6', true],
  ['v1.9.6', 'v1.9.10', true],
  ['v1.10.0', 'v1.9.6', false],
  ['v1.9.6', 'v1.9.6', false],
  [undefined, 'v1.9.6', false],
  ['v1.9', 'v1.9.6', false],
] as const)('%s older than %s: %s', ([tag, than, isSo]) => {
  expect(isOlder(tag, than)).toBe(isSo);
});

describe('what Medic itself ordered is on its own record', () => {
  const order = (action: Order['action'], at = '2026-03-01T11:45:00.000Z'): Order => {
    return { node: 'cp-1', action, at, by: 'ada' };
  };
  const withOrder = (one: Order) => ({ ...facts(), ordered: [one] });
  const text = (known = facts()) => only('node_rebooted', rebooted(), known).summary;

  test('a reboot is told with who asked for it', () => {
    expect(text(withOrder(order('reboot')))).toContain(
      ', as Medic had ordered (Reboot, asked for by ada at 11:45 UTC);',
    );
  });

  test.for<[why: string, one: Order]>([
    ['that came after the boot', order('reboot', '2026-03-01T11:55:00.000Z')],
    ['of hours before', order('reboot', '2026-03-01T08:00:00.000Z')],
    ['of another node', { ...order('reboot'), node: 'cp-2' }],
    ['that takes no node down', order('restart_service')],
  ])('an order %s is not why', ([, one]) => {
    expect(text(withOrder(one))).not.toContain('Medic');
  });

  test('a boot that somebody ordered did not end by the boot timeout as well', () => {
    const known = { ...facts({ boots: boots(8_520, 4_260) }), ordered: [order('reboot')] };
    expect(text(known)).not.toContain('boot timeout');
    expect(
      only('node_rebooted', rebooted({ version: version('v1.13.4') }), facts({ boots: boots(8_520, 4_260) })).summary,
    ).not.toContain('boot timeout');
  });

  test('a rollback of ours is information, and no upgrade is suggested; an upgrade of ours is none', () => {
    const older = rebooted({ version: version('v1.12.6') });
    const wanted = only('previous_version_booted', older, withOrder(order('rollback')));
    expect(wanted).toMatchObject({ severity: 'info', suggests: [] });
    expect(wanted.summary).toMatch(/: as Medic had ordered \(Roll back, asked for by ada at 11:45 UTC\)\.$/);
    expect(only('previous_version_booted', older, withOrder(order('upgrade')))).toMatchObject({
      severity: 'warning',
      suggests: ['upgrade'],
    });
  });

  test('a node that is silent minutes after such an order is most likely on its way', () => {
    const [found] = runPlaybooks(silent('no_route'), withOrder(order('reboot', '2026-03-01T11:57:00.000Z')));
    expect(found?.summary).toMatch(
      /most likely it is on its way down or up again, as Medic ordered \(Reboot, asked for by ada at 11:57 UTC\)\.$/,
    );
    const [later] = runPlaybooks(silent('no_route'), withOrder(order('reboot', '2026-03-01T11:40:00.000Z')));
    expect(later?.summary).not.toContain('Medic');
  });
});

describe('a node on its way', () => {
  const stage = (is: 'rebooting' | 'booting' | 'upgrading') => ok({ stage: is, ready: false, unmetConditions: [] });
  const begun = (actorId: string) => ok([{ id: 'a', actorId, sequence: 'reboot', action: 'START' as const }]);
  const stopping = (at: string) => ok([service('kubelet', ['Running', 'up'], ['Stopping', 'Sending SIGTERM', at])]);

  test('down: for how long, and that somebody ordered it', () => {
    const services = stopping('2026-03-01T11:57:00.000Z');
    const evidence = running({ machineStatus: stage('rebooting'), sequences: begun('4f6c'), services });
    expect(codes(evidence)).toEqual(['sequence_under_way']);
    const found = only('sequence_under_way', evidence);
    expect(found).toMatchObject({ confidence: 'likely', suggests: [] });
    expect(found.summary).toBe('cp-1 is rebooting right now, for 3 min, as somebody ordered through the API.');
  });

  test('down by an order of ours is told so', () => {
    const order: Order = { node: 'cp-1', action: 'upgrade', at: '2026-03-01T11:50:00.000Z', by: 'ada' };
    const evidence = running({ machineStatus: stage('upgrading'), sequences: begun('4f6c') });
    expect(only('sequence_under_way', evidence, { ...facts(), ordered: [order] }).summary).toBe(
      'cp-1 is being upgraded right now, as Medic ordered (Upgrade, asked for by ada at 11:50 UTC).',
    );
  });

  test('for longer than it takes is a cause that is still to be found', () => {
    const evidence = running({ machineStatus: stage('rebooting'), services: stopping('2026-03-01T11:40:00.000Z') });
    expect(runPlaybooks(evidence, facts()).map(({ code, confidence }) => `${code} ${confidence}`)).toEqual([
      'sequence_under_way possible',
      'unknown_cause possible',
    ]);
  });

  test('up: a boot of some minutes is no unknown cause, one of ten is', () => {
    const since = (minutes: number) =>
      running({ machineStatus: stage('booting'), systemStat: ok({ bootTimeS: Date.parse(AT) / 1000 - minutes * 60 }) });
    expect(codes(since(3))).toEqual(['sequence_under_way', 'node_rebooted']);
    expect(only('sequence_under_way', since(3)).summary).toBe(
      'cp-1 has been booting for 3 min; up to 10 min are normal.',
    );
    expect(codes(since(10))).toEqual(['unknown_cause', 'node_rebooted']);
  });
});
