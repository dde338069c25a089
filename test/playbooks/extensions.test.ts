import { expect, test } from 'vitest';
import type { Evidence, Readings } from '../../lib/evidence/evidence.ts';
import type { Baseline } from '../../lib/inventory/entry.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import type { Facts, Finding } from '../../lib/playbooks/finding.ts';
import { facts as factsOf, failed, ok, running } from './build-evidence.ts';
import { booting, crashing, extension, later, service, waiting } from './services-in-trouble.ts';

/** What runs here is never older than what ran. */
const facts = (change: Parameters<typeof factsOf>[0] = {}): Facts => factsOf({ version: 'v1.9.0', ...change });
const baseline = (change: Partial<Baseline>): Facts =>
  facts({
    version: 'v1.13.2',
    baseline: {
      services: [],
      extensions: [],
      kernelModules: [],
      timeServers: [],
      seenAt: '2026-02-28T00:00:00.000Z',
      ...change,
    },
  });
const codes = (evidence: Evidence, known = facts()) => runPlaybooks(evidence, known).map(({ code }) => code);
const only = (code: string, evidence: Evidence, known = facts()): Finding => {
  const [found, ...more] = runPlaybooks(evidence, known).filter((finding) => finding.code === code);
  if (found === undefined || more.length > 0) throw new Error(`${more.length} findings of ${code}`);
  return found;
};

const version = (tag: string) => ok({ tag, platform: 'metal', mode: 'metal' });
const OLD = extension('iscsi-tools', 'v0.1.1', '000.ghcr.io-siderolabs-iscsi-tools-v0.1.1');
const NEW = extension('iscsi-tools', 'v0.1.4', '001.ghcr.io-siderolabs-iscsi-tools-v0.1.4');
const SCHEMATIC = extension('schematic', '37656', '2');
const twice = (readings: Readings = {}): Evidence =>
  running({ version: version('v1.9.2'), extensions: ok([OLD, NEW, SCHEMATIC]), ...readings });

test('one extension in two versions is certain, names both layers, and asks for an upgrade alone', () => {
  const found = only('duplicate_extensions', twice());
  expect(found).toMatchObject({ confidence: 'certain', severity: 'warning', suggests: ['upgrade'] });
  expect(found.summary).toBe('The image of cp-1 has the extension iscsi-tools in 2 versions (v0.1.1 and v0.1.4).');
  expect(found.evidence[0]?.says).toBe(
    'Layer 000.ghcr.io-siderolabs-iscsi-tools-v0.1.1: iscsi-tools v0.1.1, put in by machine.install.extensions.',
  );
  expect(found.advice).toMatch(/^Take the entries out of machine\.install\.extensions .* upgrade to v1\.9\.2 with/);
  expect(found.advice).toContain('so does a reset, which destroys data for nothing');
  expect(codes(twice())).not.toContain('healthy');
});

test('from 1.10 on the machine config puts nothing in, so it is not what has to change', () => {
  expect(only('duplicate_extensions', twice({ version: version('v1.10.0') })).advice).toMatch(/^Upgrade to v1\.10\.0 /);
});

test('an image of Image Factory with the same extension twice names no machine config', () => {
  const extensions = ok([extension('zfs', 'v2.2.6', '0'), extension('zfs', 'v2.2.6', '1')]);
  const found = only('duplicate_extensions', twice({ extensions }));
  expect(found.summary).toBe('The image of cp-1 has the extension zfs twice (v2.2.6).');
  expect(found.advice).toMatch(/^Upgrade to v1\.9\.2/);
});

test('different extensions, and the records of Image Factory, are no duplicates', () => {
  const layers = [OLD, extension('zfs', 'v2.2.6', '1'), SCHEMATIC, SCHEMATIC, extension('modules.dep', '', 'm')];
  expect(codes(twice({ extensions: ok([...layers, extension('modules.dep', '', 'm')]) }))).toEqual(['healthy']);
});

test('where the list cannot be read, the node is only likely healthy', () => {
  const found = runPlaybooks(twice({ extensions: failed() }), facts());
  expect(found.map(({ code, confidence }) => `${code} ${confidence}`)).toEqual(['healthy likely']);
  expect(found[0]?.summary).toBe('cp-1 runs and is ready; not read: extensions.');
});

test('all extensions gone after an upgrade: likely, with the services that went with them', () => {
  const known = baseline({
    extensions: ['iscsi-tools v0.1.6', 'schematic 37656', 'util-linux-tools 2.40.2'],
    services: ['apid', 'ext-iscsid'],
  });
  const found = only('extension_missing', running({ version: version('v1.13.4'), extensions: ok([]) }), known);
  expect(found).toMatchObject({ confidence: 'likely', severity: 'warning', suggests: ['upgrade'] });
  expect(found.summary).toBe(
    'The image of cp-1 has no extensions any more; it had iscsi-tools and util-linux-tools, since v1.13.2 became v1.13.4.',
  );
  expect(found.evidence.map(({ says }) => says)).toContain('Gone with them: ext-iscsid.');
});

test('one extension less is information: somebody may have wanted it', () => {
  const known = baseline({ extensions: ['iscsi-tools v0.1.6', 'zfs v2.2.6'] });
  const evidence = running({ extensions: ok([extension('iscsi-tools', 'v0.2.0')]) });
  expect(codes(evidence, known)).toEqual(['healthy', 'extension_missing']);
  expect(only('extension_missing', evidence, known)).toMatchObject({ confidence: 'possible', suggests: [] });
});

test.for<readonly [string, Readings, Facts]>([
  ['no list', { extensions: failed() }, baseline({ extensions: ['zfs v2.2.6'] })],
  ['no earlier list', { extensions: ok([]) }, facts()],
  [
    'another version of the same',
    { extensions: ok([extension('zfs', 'v2.3.0')]) },
    baseline({ extensions: ['zfs v2'] }),
  ],
])('%s: nothing is missed', ([, readings, known]) => {
  expect(codes(running(readings), known)).not.toContain('extension_missing');
});

const iscsi = { extensions: ok([extension('iscsi-tools', 'v0.1.1')]), version: version('v1.9.3') };
const EXIT_127 =
  'Error running Containerd(ext-iscsid), going to restart forever: task "ext-iscsid" failed: exit code 127';

test('a service that ends as soon as it starts, with how often, why, and with which build', () => {
  const logs = { 'ext-iscsid': ok(['Started task ext-iscsid (PID 7)', '/usr/local/sbin/iscsid: not found']) };
  const found = only('extension_service_broken', booting([crashing('ext-iscsid', 4, EXIT_127)], { ...iscsi, logs }));
  expect(found).toMatchObject({ confidence: 'certain', severity: 'warning', suggests: ['upgrade'], explains: true });
  // four ends, one minute apart
  expect(found.summary).toBe(
    'ext-iscsid (iscsi-tools v0.1.1) on cp-1 with Talos v1.9.3 ends as soon as it starts, 4 times within 3 min (task "ext-iscsid" failed: exit code 127), because it does not find what it shall run.',
  );
  expect(found.evidence[1]?.says).toBe('ext-iscsid: /usr/local/sbin/iscsid: not found');
});

test('another exit code is broken too, without blaming the build', () => {
  const found = only(
    'extension_service_broken',
    booting([crashing('ext-x', 3, 'Error running Containerd(ext-x), going to restart forever: exit code 1')], iscsi),
  );
  expect(found.summary).not.toContain('because');
  expect(found.advice).toMatch(/^Read the service's log/);
});

test('two ends are no loop, and a loop that ended long ago is over', () => {
  expect(codes(booting([crashing('ext-iscsid', 2, EXIT_127)], iscsi))).not.toContain('extension_service_broken');
  const crashed = crashing('ext-iscsid', 4, EXIT_127);
  const up = service('ext-iscsid', ...crashed.events.map((e) => [e.state, e.message, e.at] as const), [
    'Running',
    'Started task ext-iscsid (PID 9) for container ext-iscsid',
    '2026-03-01T11:55:00.000Z',
  ]);
  expect(codes(booting([up], iscsi, later(9)))).toContain('extension_service_broken');
  expect(codes(booting([up], iscsi, later(60)))).not.toContain('extension_service_broken');
});

test('a service that failed for good is certain, one that waits is another finding', () => {
  const gone = service('ext-x', ['Failed', 'Failed to create runner: no such file or directory']);
  expect(only('extension_service_broken', booting([gone])).confidence).toBe('certain');
  expect(codes(booting([waiting('ext-x', 'network')], {}, later(30)))).not.toContain('extension_service_broken');
});

const MISSING = "iscsid: can't open iscsid.safe_logout configuration file /etc/iscsi/iscsid.conf";
const runs = (lines: readonly string[]): Evidence => {
  const services = ok([service('ext-iscsid', ['Running', 'Started task ext-iscsid (PID 7) for container ext-iscsid'])]);
  return running({ ...iscsi, services, logs: { 'ext-iscsid': ok(lines) } });
};

test('a service that runs and misses its file, said three times, is likely', () => {
  const found = only('extension_service_broken', runs([MISSING, MISSING, MISSING]));
  expect(found).toMatchObject({ confidence: 'likely', suggests: ['upgrade'] });
  expect(found.summary).toContain('runs without its configuration file /etc/iscsi/iscsid.conf, which it does not find');
  expect(codes(runs([MISSING, 'iscsid: ready']))).toEqual(['healthy']);
});

test('where the log of an extension cannot be read, the node is only likely healthy', () => {
  const evidence = runs([]);
  const unread = {
    ...evidence,
    readings: { ...evidence.readings, logs: { 'ext-iscsid': failed<readonly string[]>() } },
  };
  expect(runPlaybooks(unread, facts())[0]).toMatchObject({ code: 'healthy', confidence: 'likely' });
});

test('a kubelet that is broken too keeps its own cause unknown', () => {
  const kubelet = { ...service('kubelet', ['Running', 'Health check failed']), health: 'unhealthy' as const };
  const found = codes(booting([crashing('ext-iscsid', 4, EXIT_127), kubelet], iscsi));
  expect(found).toContain('extension_service_broken');
  expect(found).toContain('unknown_cause');
});
