import { describe, expect, test } from 'vitest';
import type { Readings } from '../../lib/evidence/evidence.ts';
import { failed, kernel, ok, running, STATIC_PODS } from './build-evidence.ts';
import { brief, top } from './diagnosed.ts';
import {
  APID_CALLED,
  eagerController,
  fullMemory,
  JAVA_KILLED,
  killedApid,
  memory,
  POD_KILLED,
  starvedApid,
  talos,
  version,
} from './ill-nodes.ts';

describe('the OOM controller of Talos kills pods', () => {
  test('for certain without need, on a release with the fault and with memory to spare', () => {
    expect(brief(eagerController())).toEqual(['oom_controller_kills_pods certain apply_config upgrade']);
    expect(top(eagerController())?.summary).toBe(
      'The OOM controller of Talos on cp-1 killed pods 2 times between 2026-03-01 11:30 and 11:31 UTC, although 4.0 of 8.0 GiB (50 %) are available now: this release takes a busy disk for a want of memory.',
    );
    expect(top(eagerController())?.advice).toContain('v1.12.2');
    expect(top(eagerController())?.rulesOut.map(({ code }) => code)).toEqual(['node_out_of_memory']);
  });

  test.for<[what: string, less: Readings, found: string]>([
    ['memory cannot be read', { memory: failed() }, 'likely apply_config upgrade'],
    ['the version cannot be read', { version: failed() }, 'likely apply_config'],
    ['the release is mended', { version: version('v1.12.2') }, 'likely apply_config'],
    ['it happened once', { kernelLog: ok([POD_KILLED('2026-03-01T11:30:00Z')]) }, 'likely apply_config upgrade'],
    ['memory is short', { memory: memory(0.5) }, 'likely'],
  ])('and less sure where %s', ([, less, found]) => {
    expect(brief(eagerController(less))).toEqual([`oom_controller_kills_pods ${found}`]);
  });

  test('is surer than the crash of a static pod, which may be one of those killed', () => {
    const [apiServer, ...others] = STATIC_PODS;
    const container = {
      name: 'kube-apiserver',
      ready: false,
      restarts: 11,
      containerId: 'ab'.repeat(32),
      waitingFor: 'CrashLoopBackOff',
    };
    const staticPods = ok(apiServer ? [{ ...apiServer, containers: [container] }, ...others] : []);
    const logs = { 'kube-system/kube-apiserver-cp-1:kube-apiserver': ok(['command failed']) };
    expect(brief(eagerController({ staticPods, logs }))).toEqual([
      'oom_controller_kills_pods certain apply_config upgrade',
      'static_pod_crashes possible',
    ]);
    expect(brief(running({ staticPods, logs }))).toEqual(['static_pod_crashes certain']);
  });

  test('is not what another controller ends', () => {
    const line = talos('2026-03-01T11:30:00Z', 'Sending SIGKILL to cgroup {"controller": "other", "cgroup": "/x"}');
    expect(brief(eagerController({ kernelLog: ok([line, line]) }))).toEqual(['healthy certain']);
  });
});

describe('a service of Talos runs out of its own memory', () => {
  test('for certain when the kernel names it and it was killed', () => {
    expect(brief(starvedApid())).toEqual(['system_service_out_of_memory certain upgrade']);
    expect(top(starvedApid())?.summary).toBe(
      'The service apid of cp-1 ran out of the memory that Talos gives it once at 2026-03-01 11:30 UTC, while 4.0 of 8.0 GiB (50 %) are available on the node.',
    );
  });

  const thrice = ok([{ ...killedApid, events: [killedApid.events, killedApid.events, killedApid.events].flat() }]);
  test.for<[what: string, less: Readings, found: string]>([
    ['services cannot be read', { services: failed() }, 'system_service_out_of_memory likely upgrade'],
    [
      'the kernel log cannot be read',
      { kernelLog: failed(), services: thrice },
      'system_service_out_of_memory possible upgrade',
    ],
    ['it was killed once and nobody says why', { kernelLog: failed() }, 'healthy likely'],
    ['the release gives it more', { version: version('v1.10.3') }, 'system_service_out_of_memory certain'],
    [
      'a pod runs a program of that name',
      {
        kernelLog: ok([
          { ...APID_CALLED, message: 'apid invoked oom-killer: gfp_mask=0xcc0, order=0, oom_score_adj=900' },
        ]),
      },
      'healthy certain',
    ],
  ])('and less sure, or something else, where %s', ([, less, found]) => {
    expect(brief(starvedApid(less))).toEqual([found]);
  });

  test('says nothing while the whole node is out of memory', () => {
    expect(brief(starvedApid({ kernelLog: ok([APID_CALLED, JAVA_KILLED]) }))).toEqual(['node_out_of_memory certain']);
  });
});

describe('the kernel kills', () => {
  test('because the node has no memory left', () => {
    expect(brief(fullMemory())).toEqual(['node_out_of_memory certain']);
    expect(top(fullMemory())?.summary).toBe(
      'cp-1 ran out of memory, and the kernel killed processes once at 2026-03-01 11:30 UTC: java; 0.5 of 8.0 GiB (6 %) are available now.',
    );
    expect(top(fullMemory())?.advice).toMatch(/^Memory is still short\./);
  });

  test('because a pod reached its own limit, which is no fault of the node', () => {
    const line = kernel(
      '2026-03-01T11:30:00Z',
      'Memory cgroup out of memory: Killed process 4711 (java) total-vm:9kB, oom_score_adj:900',
    );
    expect(brief(running({ kernelLog: ok([line]) }))).toEqual(['healthy certain', 'pod_over_memory_limit certain']);
  });

  test('and what is hours old does not say why the node is not ready now', () => {
    const old = { ...JAVA_KILLED, at: '2026-03-01T09:00:00Z' };
    const machineStatus = ok({ stage: 'running' as const, ready: false, unmetConditions: [] });
    expect(brief(fullMemory({ kernelLog: ok([old]), machineStatus }))).toEqual([
      'node_out_of_memory certain',
      'unknown_cause possible',
    ]);
    expect(brief(fullMemory({ machineStatus }))).toEqual(['node_out_of_memory certain']);
  });

  test('and a program that only writes so is not believed', () => {
    expect(brief(fullMemory({ kernelLog: ok([{ ...JAVA_KILLED, facility: 'user' }]) }))).toEqual(['healthy certain']);
  });
});
