import { expect, test } from 'vitest';
import type { Evidence, Readings } from '../../lib/evidence/evidence.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import type { Finding } from '../../lib/playbooks/finding.ts';
import { facts, failed, kernel, ok, STATE_UUID, stateVolume } from './build-evidence.ts';
import { WRITE_FAILED } from './ill-nodes.ts';
import {
  booting,
  cannotStop,
  later,
  notPulled,
  runtimeCorrupt,
  service,
  up,
  waiting,
  withoutTime,
} from './services-in-trouble.ts';

const codes = (evidence: Evidence, known = facts()) => runPlaybooks(evidence, known).map(({ code }) => code);
const only = (code: string, evidence: Evidence, known = facts()): Finding => {
  const [found, ...more] = runPlaybooks(evidence, known).filter((finding) => finding.code === code);
  if (found === undefined || more.length > 0) throw new Error(`${more.length} findings of ${code}`);
  return found;
};

const KUBELET = 'ghcr.io/siderolabs/kubelet:v1.31.1';
const ETCD = 'gcr.io/etcd-development/etcd:v3.5.16';
const clock = ok({ server: 'ntp.example.org', nodeTime: '2026-03-01T12:00:00.000Z', offsetMs: 0 });
const pulled = (...args: Parameters<typeof notPulled>) => booting([notPulled(...args)], { clock });

test('the image of kubelet: certain, since when, why, and a restart of the service', () => {
  const found = only('image_not_pulled_at_boot', pulled('kubelet', KUBELET));
  expect(found).toMatchObject({ confidence: 'certain', severity: 'critical', suggests: ['restart_service'] });
  expect(found.summary).toBe(
    'kubelet on cp-1 has not run since 2026-03-01 11:50 UTC, because the image ghcr.io/siderolabs/kubelet:v1.31.1 could not be pulled then: the name of the registry could not be resolved.',
  );
  expect(codes(pulled('kubelet', KUBELET))).toEqual(['image_not_pulled_at_boot', 'node_rebooted']);
});

test('the image of etcd: the API does not restart etcd, so it is a reboot, once names can be resolved', () => {
  const found = only('image_not_pulled_at_boot', pulled('etcd', ETCD));
  expect(found.suggests).toEqual(['reboot']);
  expect(found.evidence[1]?.says).toContain('Names can be resolved now');
  expect(found.advice).toContain('The API does not restart etcd');
});

test('while names still cannot be resolved, no reboot is suggested', () => {
  const unresolved = {
    ...failed<{ server: string; nodeTime: string; offsetMs: number }>(),
    error: { code: 'failed', message: 'lookup ntp.example.org on 127.0.0.53:53: i/o timeout' },
  };
  const found = only(
    'image_not_pulled_at_boot',
    booting([notPulled('etcd', ETCD)], { clock: { ...unresolved, ok: false } }),
  );
  expect(found.suggests).toEqual([]);
  expect(found.advice).toMatch(/^First give it name servers that answer/);
});

test.for([
  ['not found', 'failed to resolve reference "ghcr.io/x:v99": ghcr.io/x:v99: not found'],
  ['unauthorized', 'failed to authorize: unexpected status: 401 Unauthorized'],
  ['a certificate', 'tls: failed to verify certificate: x509: certificate signed by unknown authority'],
])('what the registry refuses (%s) no restart mends', ([, cause]) => {
  const found = only('image_not_pulled_at_boot', pulled('kubelet', KUBELET, cause));
  expect(found.suggests).toEqual(['apply_config']);
});

test.for(['dial tcp 10.0.0.9:443: i/o timeout', 'unexpected status: 503 Service Unavailable'])('%s passes', (cause) => {
  expect(only('image_not_pulled_at_boot', pulled('kubelet', KUBELET, cause)).suggests).toEqual(['restart_service']);
});

test.for([
  ['another failure of the same stage', service('kubelet', ['Failed', 'Failed to run pre stage: disk full'])],
  ['a pull that came through in the end', { ...notPulled('kubelet', KUBELET), state: 'Running' }],
] as const)('%s is not it', ([, one]) => {
  expect(codes(booting([one]))).not.toContain('image_not_pulled_at_boot');
});

test('no time: who waits, for how long by the log of the node, and which servers do not answer', () => {
  const found = only('time_not_synced', withoutTime());
  expect(found).toMatchObject({ confidence: 'certain', severity: 'critical', suggests: ['apply_config'] });
  expect(found.summary).toBe(
    'The clock of cp-1 has not been set since its boot (12 min), because ntp.example.org does not answer; etcd and kubelet wait for it.',
  );
  expect(found.advice).toMatch(/^The names of its time servers cannot be looked up: .* TimeSyncConfig/);
  expect(codes(withoutTime())).not.toContain('service_waits_forever');
});

test.for([
  { tag: 'v1.11.5', says: /in machine\.time\.servers;/ },
  { tag: 'v1.12.0', says: /in TimeSyncConfig \(or machine\.time\.servers\);/ },
  { tag: 'v1.14.0', says: /with useNTS: false where NTS is intercepted;/ },
])('on $tag the config goes where that version has it', ({ tag, says }) => {
  const version = ok({ tag, platform: 'metal', mode: 'metal' });
  expect(only('time_not_synced', withoutTime({ version })).advice).toMatch(says);
});

test.for<readonly [string, Readings, string | undefined]>([
  ['two witnesses of three are enough', { timeStatus: failed() }, 'certain'],
  ['one witness', { timeStatus: failed(), services: failed() }, 'likely'],
  ['no log, whatever the clocks say', { kernelLog: failed() }, 'likely'],
  ['three minutes', { kernelLog: log(3) }, 'possible'],
  ['one minute: it may still come', { kernelLog: log(1) }, undefined],
  ['no network either, which is the cause then', { networkStatus: network(false) }, 'possible'],
  ['nobody says whether the network is up', { networkStatus: failed() }, 'likely'],
  ['in time after all', { timeStatus: ok({ synced: true, syncDisabled: false }) }, undefined],
])('%s: %s', ([, readings, confidence]) => {
  const found = runPlaybooks(withoutTime(readings), facts()).find(({ code }) => code === 'time_not_synced');
  expect(found?.confidence).toBe(confidence);
});
function network(connectivityReady: boolean) {
  return ok({ addressReady: true, connectivityReady, hostnameReady: true, etcFilesReady: true });
}
function log(minutes: number) {
  return ok([kernel('1970-01-01T00:00:01.000Z', 'a'), kernel(`1970-01-01T00:0${minutes}:01.000Z`, 'b')]);
}

test('records of the runtime: what it says, how often, who waits, and what is lost', () => {
  const found = only('container_runtime_state_corrupt', runtimeCorrupt());
  expect(found).toMatchObject({ confidence: 'certain', severity: 'critical', suggests: ['reset_ephemeral'] });
  expect(found.summary).toBe(
    'The container runtime of cp-1 does not start (4 times within 3 min), because its records on EPHEMERAL are inconsistent: sandbox 9d2cffd45279 has none; kubelet waits for it.',
  );
  expect(found.advice).toContain('On a control plane this deletes its etcd data too');
  expect(only('container_runtime_state_corrupt', runtimeCorrupt(), facts({ role: 'worker' })).advice).not.toContain(
    'etcd',
  );
  expect(codes(runtimeCorrupt())).not.toContain('service_waits_forever');
});

test('a runtime that ends for a reason that is not known is not this one', () => {
  expect(codes(runtimeCorrupt({ logs: { cri: failed() } }))).toEqual(['unknown_cause', 'node_rebooted']);
  expect(codes(runtimeCorrupt({ logs: { cri: ok(['failed to load plugin']) } }))).toContain('unknown_cause');
});

test('the same lines of a runtime that runs again say nothing', () => {
  expect(codes(runtimeCorrupt({ services: ok([up('cri')]) }))).not.toContain('container_runtime_state_corrupt');
});

test('records on a disk that fails are a hint, and no wipe is suggested', () => {
  const volumes = ok([{ ...stateVolume('ready', STATE_UUID), parentLocation: '/dev/sda' }]);
  const found = only('container_runtime_state_corrupt', runtimeCorrupt({ volumes, kernelLog: ok([WRITE_FAILED]) }));
  expect(found).toMatchObject({ confidence: 'possible', suggests: [] });
});

test('without its services it is only likely', () => {
  expect(only('container_runtime_state_corrupt', runtimeCorrupt({ services: failed() })).confidence).toBe('likely');
});

test('an extension that cannot be stopped: for how long, that SIGKILL did not help, and no button', () => {
  const found = only('extension_blocks_shutdown', cannotStop());
  expect(found).toMatchObject({ confidence: 'certain', severity: 'critical', suggests: [] });
  expect(found.summary).toBe(
    'cp-1 has been rebooting for 20 min, because ext-zfs-service (zfs v2.4.1) does not stop: SIGKILL did not end it.',
  );
  expect(found.advice).toMatch(/^Power-cycle it, or try talosctl reboot --mode force/);
  const old = cannotStop({ version: ok({ tag: 'v1.11.0', platform: 'metal', mode: 'metal' }) });
  expect(only('extension_blocks_shutdown', old).advice).toMatch(/^Power-cycle it\. /);
});

test.for<readonly [string, Evidence, string | undefined]>([
  ['three minutes', cannotStop({}, later(3)), undefined],
  ['no stage', cannotStop({ machineStatus: failed() }), 'likely'],
  ['no clock', cannotStop({ timeStatus: failed() }), 'likely'],
  ['it runs', cannotStop({ machineStatus: ok({ stage: 'running', ready: true, unmetConditions: [] }) }), undefined],
  [
    'another service than that of an extension',
    booting(
      [service('etcd', ['Stopping', 'Sending SIGKILL to task etcd'])],
      { machineStatus: ok({ stage: 'rebooting', ready: true, unmetConditions: [] }) },
      later(20),
    ),
    undefined,
  ],
])('%s: %s', ([, evidence, confidence]) => {
  const found = runPlaybooks(evidence, facts()).find(({ code }) => code === 'extension_blocks_shutdown');
  expect(found?.confidence).toBe(confidence);
});

test('what kubelet waits for beside the runtime stays its own', () => {
  const evidence = booting([waiting('kubelet', 'service "cri" to be "up", time sync')], {}, later(30));
  expect(codes(evidence)).not.toContain('service_waits_forever');
});
