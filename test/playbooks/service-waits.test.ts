import { expect, test } from 'vitest';
import type { Evidence, Readings } from '../../lib/evidence/evidence.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import type { Finding } from '../../lib/playbooks/finding.ts';
import { waitOf } from '../../lib/playbooks/service-wait.ts';
import { BOOT_S, facts, failed, kernel, ok } from './build-evidence.ts';
import { booting, extension, later, service, up, waiting, zfsWaits } from './services-in-trouble.ts';

const waitsIn = (evidence: Evidence, known = facts()): readonly Finding[] =>
  runPlaybooks(evidence, known).filter(({ code }) => code === 'service_waits_forever');
const only = (evidence: Evidence, known = facts()): Finding => {
  const [found, ...more] = waitsIn(evidence, known);
  if (found === undefined || more.length > 0) throw new Error(`${more.length} findings`);
  return found;
};

test('zfs without its module: what is missing, since when, when the node reboots, and both remedies', () => {
  const found = only(zfsWaits());
  expect(found).toMatchObject({ confidence: 'certain', severity: 'warning', suggests: ['apply_config', 'upgrade'] });
  // waits since 11:50:20, seen at 12:37; 70 minutes after 11:50:20 it is 13:00:20
  expect(found.summary).toBe(
    'ext-zfs-service on cp-1 has waited 47 min for file "/dev/zfs" to exist, because the kernel module zfs is in the image but not loaded; its boot times out and the node reboots at about 13:00 UTC.',
  );
  expect(found.advice).toContain('name: zfs under machine.kernel.modules');
  expect(found.advice).toContain('A reboot or a reset only starts the same wait again.');
  expect(runPlaybooks(zfsWaits(), facts()).map(({ code }) => code)).toEqual(['service_waits_forever', 'node_rebooted']);
});

test.for([
  { tag: 'v1.8.3', how: 'machine.kernel.modules' },
  { tag: 'v1.13.4', how: 'machine.kernel.modules' },
  { tag: 'v1.14.0', how: 'KernelModuleConfig document with name: zfs' },
])('on $tag the module is loaded by $how', ({ tag, how }) => {
  expect(only(zfsWaits({ version: ok({ tag, platform: 'metal', mode: 'metal' }) })).advice).toContain(how);
});

test('boots at equal intervals around the timeout are named, and rule a crash out', () => {
  // 11:50 minus 71 and 142 minutes; the one before was three days ago
  const boots = [BOOT_S - 259_200, BOOT_S - 8_520, BOOT_S - 4_260].map((bootTimeS) => ({ bootTimeS, seenAt: '' }));
  const found = only(zfsWaits(), facts({ boots }));
  expect(found.summary).toMatch(/reboots at about 13:00 UTC, as 2 times before\.$/);
  expect(found.evidence.map(({ says }) => says)).toContain(
    'Last boots 71 min, 71 min apart: each ended by the boot timeout.',
  );
  // the same boots make it likely as soon as the next one has begun to wait
  expect(only(zfsWaits({ kernelLog: ok([]) }, later(1)), facts({ boots })).confidence).toBe('likely');
});

test.for([
  { why: 'nine minutes: it may still come', minutes: 9, confidence: 'possible' },
  { why: 'eleven minutes: longer than a boot', minutes: 11, confidence: 'certain' },
])('$why', ({ minutes, confidence }) => {
  expect(only(zfsWaits({}, later(minutes))).confidence).toBe(confidence);
});

test('a minute after the boot nothing is said yet', () => {
  expect(waitsIn(zfsWaits({}, later(1)))).toEqual([]);
});

test.for<readonly [string, Readings]>([
  ['the stage', { machineStatus: failed() }],
  ['the clock and the log', { timeStatus: failed(), kernelLog: failed() }],
])('is not certain without %s', ([, missing]) => {
  expect(only(zfsWaits(missing)).confidence).toBe('likely');
});

test('the log alone proves how long it waits, whatever the clock here says', () => {
  expect(only(zfsWaits({ timeStatus: failed() })).confidence).toBe('certain');
});

test('without the list of modules the wait is still certain, and no module is blamed', () => {
  const found = only(zfsWaits({ kernelModules: failed() }));
  expect(found.confidence).toBe('certain');
  expect(found.summary).not.toContain('because');
  expect(found.suggests).toEqual(['apply_config', 'upgrade']);
});

test('a list of modules that was cut does not say what is not loaded', () => {
  const kernelModules = { ...ok([{ name: 'xfs', state: 'live' }]), cut: 'the first 5000 files' };
  expect(only(zfsWaits({ kernelModules })).summary).not.toContain('because');
});

test('a module that is configured and does not load is a matter of the image', () => {
  const found = only(zfsWaits({ kernelModuleSpecs: ok([{ name: 'zfs', parameters: [] }]) }));
  expect(found.summary).toContain('because the kernel module zfs is configured but could not be loaded');
  expect(found.suggests).toEqual(['upgrade']);
});

test('a module that is loaded is not the reason', () => {
  const found = only(zfsWaits({ kernelModules: ok([{ name: 'zfs', state: 'live' }]) }));
  expect(found.summary).not.toContain('because');
  expect(found.suggests).toEqual(['upgrade']);
});

test('an extension without its config needs the document of its name', () => {
  const readings = { extensions: ok([extension('lldpd', '1.0.20')]) };
  const found = only(booting([waiting('ext-lldpd', 'extension service config')], readings, later(52)));
  expect(found).toMatchObject({ confidence: 'certain', suggests: ['apply_config', 'upgrade'] });
  expect(found.summary).toContain('because it has no ExtensionServiceConfig named lldpd;');
});

test('any extension and any device: a module of the name of device and extension is a hint', () => {
  const readings = { extensions: ok([extension('drbd', 'v9')]), kernelModules: ok([]), kernelModuleSpecs: ok([]) };
  const found = only(booting([waiting('ext-anything', 'file "/dev/drbd" to exist')], readings, later(30)));
  expect(found.summary).toContain('the kernel module drbd is in the image but not loaded');
});

test('with panic=0 a failed boot reboots nothing', () => {
  expect(only(zfsWaits({ kernelCmdline: ok('console=tty0 panic=0') })).summary).toMatch(/; its boot never ends\.$/);
});

test('what runs already is not rebooted by a service that was started later', () => {
  const machineStatus = ok({ stage: 'running' as const, ready: true, unmetConditions: [] });
  expect(only(zfsWaits({ machineStatus })).summary).not.toContain('reboots');
});

test.for([
  ['time_not_synced', waiting('etcd', 'time sync')],
  ['the other service', waiting('kubelet', 'service "cri" to be "up"')],
  [
    'extension_service_broken',
    service('ext-iscsid', ['Waiting', 'Error running Containerd(ext-iscsid), going to restart forever: exit code 1']),
  ],
] as const)('is left to %s', ([, one]) => {
  expect(waitsIn(booting([one], {}, later(30)))).toEqual([]);
});

test('a core service that waits for what no playbook explains is likely, and its cause stays unknown', () => {
  const evidence = booting([waiting('kubelet', 'service "cri" to be "up", network, nodename')], {}, later(30));
  const found = runPlaybooks(evidence, facts());
  expect(found.map(({ code, confidence }) => `${code} ${confidence}`)).toContain('service_waits_forever likely');
  expect(found.map(({ code }) => code)).toContain('unknown_cause');
  expect(only(evidence)).toMatchObject({ suggests: [] });
});

test('a node on its way down is left alone', () => {
  const machineStatus = ok({ stage: 'rebooting' as const, ready: true, unmetConditions: [] });
  expect(waitsIn(zfsWaits({ machineStatus }))).toEqual([]);
});

test('times from before the clock was set count from the boot', () => {
  const evidence = booting(
    [waiting('ext-zfs-service', 'file "/dev/zfs" to exist', '1970-01-01T00:00:20.000Z')],
    {},
    later(20),
  );
  expect(only(evidence).summary).toContain('has waited 20 min');
});

test('conditions are told apart at their commas', () => {
  const text = 'service "cri" to be "up", volumes /var/lib, /var/run to be mounted, time sync, file "/a, b" to exist';
  expect(waitOf(waiting('etcd', text))?.conditions).toEqual([
    'service "cri" to be "up"',
    'volumes /var/lib, /var/run to be mounted',
    'time sync',
    'file "/a, b" to exist',
  ]);
  expect(waitOf(up('etcd'))).toBeUndefined();
});

test('hostile names stay plain text', () => {
  const evil = `ext-\u001b[31m${'x'.repeat(5000)}`;
  const found = only(
    booting([waiting(evil, 'file "/dev/\u202ezfs" to exist')], { kernelLog: ok([kernel('', evil)]) }, later(30)),
  );
  expect(JSON.stringify(found)).not.toMatch(/\\u001b|\u202e/);
  expect(found.summary.length).toBeLessThan(400);
});
