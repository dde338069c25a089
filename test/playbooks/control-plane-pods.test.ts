import { describe, expect, test } from 'vitest';
import type { Readings } from '../../lib/evidence/evidence.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import {
  apiServerCrashes,
  etcdIs,
  facts,
  failed,
  NO_CSR,
  NO_KEY,
  notApproved,
  notReady,
  notRendered,
  ok,
  quorumLost,
  running,
  STATIC_PODS,
  staticPod,
  TLS_ERRORS,
  tlsError,
} from './build-evidence.ts';

const codes = (findings: ReturnType<typeof runPlaybooks>) =>
  findings.map(({ code, confidence }) => `${code} ${confidence}`);

test('v1.13.3 without static pods is the known bug: upgrade, or roll back where it was just upgraded', () => {
  const [found, ...others] = runPlaybooks(notRendered('v1.13.3', 5), facts());
  expect(found).toMatchObject({
    code: 'static_pods_not_rendered',
    severity: 'critical',
    confidence: 'certain',
    suggests: ['upgrade', 'rollback'],
  });
  expect(found?.summary).toBe(
    'cp-1 runs no static pod at all, so no API server, since it runs v1.13.3 (before: v1.13.2), 5 min after its kubelet started.',
  );
  expect(found?.advice).toContain('Upgrade to v1.13.4');
  expect(others).toEqual([]);
  expect(runPlaybooks(notRendered('v1.13.3', 5), facts({ version: 'v1.13.3' }))[0]?.suggests).toEqual(['upgrade']);
});

test('of another version the cause is not known, so nothing is suggested', () => {
  const [found] = runPlaybooks(notRendered('v1.9.4', 5), facts({ version: 'v1.9.4' }));
  expect(found).toMatchObject({ code: 'static_pods_not_rendered', confidence: 'likely', suggests: [] });
  expect(found?.advice).toContain('controller-runtime');
});

test('a kubelet that has just started may still get its pods', () => {
  const [found] = runPlaybooks(notRendered('v1.13.3', 1), facts());
  expect(found).toMatchObject({ code: 'static_pods_not_rendered', confidence: 'possible', suggests: [] });
});

test.for([
  ['the version', { version: failed<never>() }, 'likely'],
  ['the log of the controllers', { logs: {} }, 'likely'],
  ['etcd', { etcdStatus: failed<never>() }, 'likely'],
  ['the services', { services: failed<never>() }, 'possible'],
] as const)('without %s it is less sure', ([, readings, confidence]) => {
  expect(runPlaybooks(notRendered('v1.13.3', 5, readings), facts())[0]).toMatchObject({
    code: 'static_pods_not_rendered',
    confidence,
  });
});

test('pods that run unseen, because the kubelet has no certificate, are not taken for missing', () => {
  const unseen = notRendered('v1.13.3', 5, { diagnostics: NO_CSR });
  expect(codes(runPlaybooks(unseen, facts()))).toEqual(['kubelet_certificates_not_approved certain']);
  const byLog = notRendered('v1.13.3', 5, { logs: { 'controller-runtime': ok(TLS_ERRORS) } });
  expect(codes(runPlaybooks(byLog, facts()))).toEqual(['kubelet_certificates_not_approved likely']);
});

test('a failure to hear the kubelet at boot, long over, does not hide missing pods', () => {
  const logs = { 'controller-runtime': ok([tlsError('11:20:00.0')]) };
  expect(codes(runPlaybooks(notRendered('v1.13.3', 30, { logs }), facts()))[0]).toBe(
    'static_pods_not_rendered certain',
  );
});

test('a scheduler that is switched off is no missing API server, and a worker has no static pods', () => {
  expect(codes(runPlaybooks(running({ staticPods: ok(STATIC_PODS.slice(0, 2)) }), facts()))).toEqual([
    'healthy certain',
  ]);
  const worker = running({ staticPods: ok([]), machineType: ok('worker') });
  expect(codes(runPlaybooks(worker, facts({ role: 'worker' })))).toEqual(['healthy certain']);
});

test('missing pods beside an etcd that does not serve are left to etcd', () => {
  const evidence = notRendered('v1.13.3', 5, { services: etcdIs({ health: 'unhealthy' }) });
  expect(runPlaybooks(evidence, facts()).map(({ code }) => code)).not.toContain('static_pods_not_rendered');
});

test('an unapproved certificate is certain by what Talos itself warns of, likely from three errors, nothing from two', () => {
  const [found] = runPlaybooks(notApproved(), facts());
  expect(found).toMatchObject({
    code: 'kubelet_certificates_not_approved',
    severity: 'warning',
    confidence: 'certain',
    suggests: [],
  });
  expect(found?.summary).toContain('since 2026-03-01 11:58 UTC at least');
  expect(found?.advice).toContain('DNS names and IPs');
  const byLog = (lines: readonly string[]) =>
    codes(runPlaybooks(notApproved({ diagnostics: ok([]), logs: { 'controller-runtime': ok(lines) } }), facts()));
  expect(byLog(TLS_ERRORS)).toEqual(['kubelet_certificates_not_approved likely']);
  expect(byLog(TLS_ERRORS.slice(1))).toEqual(['healthy certain']);
});

test('an unapproved certificate does not explain a node that is not ready', () => {
  const found = runPlaybooks(notApproved({ machineStatus: notReady('kubelet not running') }), facts());
  expect(codes(found)).toEqual(['kubelet_certificates_not_approved certain', 'unknown_cause possible']);
});

test('an API server without the key of its Secrets: the config, never a new key', () => {
  const [found, ...others] = runPlaybooks(apiServerCrashes(['Starting', NO_KEY]), facts({ version: 'v1.13.1' }));
  expect(found).toMatchObject({
    code: 'api_server_cannot_decrypt',
    severity: 'critical',
    confidence: 'certain',
    suggests: ['apply_config'],
  });
  expect(found?.summary).toBe(
    'The API server of cp-1 cannot decrypt Secrets: no key in its config is the one that they were written with, since it runs v1.13.2 (before: v1.13.1); it has crashed 9 times.',
  );
  expect(found?.advice).toContain('Never generate a new key');
  expect(others).toEqual([]);
});

test('where its key stands in the config depends on the version', () => {
  const adviceOf = (tag: string) => {
    const version = ok({ tag, platform: 'metal', mode: 'metal' });
    return runPlaybooks(apiServerCrashes([NO_KEY], { version }), facts())[0]?.advice;
  };
  expect(adviceOf('v1.14.0')).toContain('KubeEtcdEncryptionConfig');
  expect(adviceOf('v1.13.7')).toContain('cluster.secretboxEncryptionSecret');
});

test('one that cannot read the pods says it as likely; one whose API server is ready says nothing', () => {
  expect(codes(runPlaybooks(apiServerCrashes([NO_KEY], { staticPods: failed() }), facts()))[0]).toBe(
    'api_server_cannot_decrypt likely',
  );
  const staticPods = ok(STATIC_PODS);
  const ready = runPlaybooks(apiServerCrashes([NO_KEY], { staticPods }), facts());
  expect(ready.map(({ code }) => code)).not.toContain('api_server_cannot_decrypt');
});

test('a static pod that crashes is shown with the end of its log, whatever the reason', () => {
  const [found, ...others] = runPlaybooks(
    apiServerCrashes(['Starting', '2026-03-01T11:59:00Z stderr F unknown flag: --foo']),
    facts(),
  );
  expect(found).toMatchObject({
    code: 'static_pod_crashes',
    severity: 'critical',
    confidence: 'certain',
    suggests: [],
  });
  expect(found?.summary).toBe(
    'Static pod kube-system/kube-apiserver-cp-1 on cp-1 has crashed 9 times; its last words: unknown flag: --foo.',
  );
  expect(others).toEqual([]);
  expect(codes(runPlaybooks(apiServerCrashes([], { logs: {} }), facts()))).toEqual(['static_pod_crashes likely']);
});

test('pods that have no etcd to talk to are left to etcd', () => {
  const staticPods = ok([staticPod('kube-apiserver', { ready: false, restarts: 9, waitingFor: 'CrashLoopBackOff' })]);
  const found = runPlaybooks(quorumLost(300, { staticPods }), facts());
  expect(found.map(({ code }) => code)).toEqual(['etcd_quorum_lost']);
  const unknown = { services: failed<never>(), etcdStatus: failed<never>() };
  expect(codes(runPlaybooks(apiServerCrashes(['no etcd'], unknown), facts()))[0]).toBe('static_pod_crashes likely');
});

const KILLED = 'Memory cgroup out of memory: Killed process 812 (';
test.for([
  [
    '[talos] Sending SIGKILL to cgroup {"controller": "runtime.OOMController", "cgroup": "/sys/fs/cgroup/kubepods/a"}',
    'user',
  ],
  ['Out of memory: Killed process 812 (java) total-vm:1kB', 'kern'],
  [`${KILLED}kube-apiserver) total-vm:1kB`, 'kern'],
] as const)('a pod that somebody may kill for want of memory does not end by itself: %s', ([message, facility]) => {
  const kernelLog = ok([{ at: undefined, facility, message }]);
  const [crash] = runPlaybooks(apiServerCrashes(['Starting'], { kernelLog }), facts()).filter(
    ({ code }) => code === 'static_pod_crashes',
  );
  expect(crash).toMatchObject({ confidence: 'possible', severity: 'warning' });
  expect(crash?.explains).toBeUndefined();
});

test('another pod at its own limit is no reason, and an unread kernel log rules nothing out', () => {
  const kernelLog = ok([{ at: undefined, facility: 'kern', message: `${KILLED}java) total-vm:1kB` }]);
  expect(codes(runPlaybooks(apiServerCrashes(['Starting'], { kernelLog }), facts()))[0]).toBe(
    'static_pod_crashes certain',
  );
  const unread = runPlaybooks(apiServerCrashes(['Starting'], { kernelLog: failed() }), facts());
  expect(codes(unread)).toEqual(['static_pod_crashes likely']);
});

describe('a static pod that is not ready and does not crash', () => {
  const scheduler = (container: Parameters<typeof staticPod>[1]) =>
    ok([...STATIC_PODS.slice(0, 2), staticPod('kube-scheduler', { ready: false, ...container })]);
  const of = (readings: Readings, minutes = 30) =>
    runPlaybooks(
      notRendered('v1.13.2', minutes, { machineStatus: notReady('static pods not ready'), ...readings }),
      facts(),
    );

  test('is told with the reason of the kubelet, for certain', () => {
    const [found, ...others] = of({ staticPods: scheduler({ waitingFor: 'ImagePullBackOff' }) }, 1);
    expect(found).toMatchObject({
      code: 'static_pod_not_ready',
      confidence: 'certain',
      severity: 'critical',
      suggests: [],
    });
    expect(found?.summary).toBe(
      'Static pod kube-system/kube-scheduler-cp-1 on cp-1 does not start: its image cannot be pulled (ImagePullBackOff).',
    );
    expect(others).toEqual([]);
  });

  test('runs and fails its own check: likely, with its last words, and the cause is still to be found', () => {
    const logs = {
      'kube-system/kube-scheduler-cp-1:kube-scheduler': ok(['no leader lease']),
      'controller-runtime': ok([]),
    };
    const found = of({ staticPods: scheduler({}), logs });
    expect(codes(found)).toEqual(['static_pod_not_ready likely', 'unknown_cause possible']);
    expect(found[0]?.summary).toBe(
      'Static pod kube-system/kube-scheduler-cp-1 on cp-1 runs and is not ready, 30 min after the kubelet started.',
    );
    expect(found[0]?.evidence.map(({ says }) => says)).toContain('no leader lease');
  });

  test.for<[what: string, readings: Readings, minutes: number]>([
    ['on its way up', { staticPods: scheduler({}) }, 9],
    ['whose etcd is away', { staticPods: scheduler({}), services: etcdIs({ state: 'Waiting' }) }, 30],
    ['that is not heard of', { staticPods: scheduler({}), diagnostics: NO_CSR }, 30],
    ['that crashes', { staticPods: scheduler({ restarts: 9, waitingFor: 'CrashLoopBackOff' }) }, 30],
  ])('%s is another matter', ([, readings, minutes]) => {
    expect(of(readings, minutes).map(({ code }) => code)).not.toContain('static_pod_not_ready');
  });
});
