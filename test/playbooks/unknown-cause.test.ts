import { expect, test } from 'vitest';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import { unknownCause } from '../../lib/playbooks/unknown-cause.ts';
import {
  booting,
  etcdIs,
  facts,
  failed,
  inMaintenance,
  notReady,
  ok,
  refused,
  running,
  silent,
} from './build-evidence.ts';

/** Each with what a person would ask next, in that situation. */
test.for<[situation: string, evidence: Evidence, next: readonly string[]]>([
  [
    'in maintenance mode, with disks that cannot be read',
    inMaintenance({ disks: failed(), discoveredVolumes: failed() }),
    ['what is on its disks', 'its disks', 'its volumes'],
  ],
  ['silent', silent('no_route'), ['its console', 'through another control plane', 'in maintenance mode']],
  ['refused', refused('unknown_authority'), ['its console', 'through another control plane', 'in maintenance mode']],
  [
    'booting, and its log cannot be read',
    booting({ kernelLog: failed() }),
    ['its kernel log', 'its volumes', 'its network'],
  ],
  [
    'a service that fails, with everything read',
    running({
      machineStatus: notReady('apid not running'),
      services: ok([{ id: 'apid', state: 'Failed', health: 'unknown', lastMessage: '', events: [] }]),
      volumes: ok([]),
      memory: ok({ totalBytes: 1, availableBytes: 1, swapTotalBytes: 0, swapFreeBytes: 0 }),
      networkStatus: ok({ addressReady: true, connectivityReady: true, hostnameReady: true, etcFilesReady: true }),
    }),
    ['the whole log of apid', 'its machine config', 'its console'],
  ],
  [
    'etcd that is not well, and says nothing',
    running({ machineStatus: notReady('etcd'), services: etcdIs({ health: 'unhealthy' }), etcdStatus: failed() }),
    ['the state of its etcd', 'the whole log of etcd', 'its machine config'],
  ],
  [
    'not Ready for Kubernetes alone',
    running({ nodeStatus: ok({ nodename: 'cp-1', nodeReady: false, unschedulable: false }) }),
    ['its memory', 'the whole log of kubelet', 'kubectl describe node'],
  ],
  [
    'with no status',
    running({ machineStatus: failed(), sequences: failed() }),
    ['its stage', 'its events', 'its machine config'],
  ],
])('%s: three readings, and how to get them', ([, evidence, next]) => {
  const { advice = '' } = unknownCause(evidence, facts());
  const said = /^Three readings would narrow it down: (.*), (.*) and (.*)\.$/.exec(advice.replaceAll(', as admin', ''));
  expect(said, advice).not.toBeNull();
  next.forEach((text, n) => {
    expect(said?.[n + 1]).toContain(text);
  });
});

test('what was read is listed, with what could not be', () => {
  const found = runPlaybooks(booting({ kernelLog: failed() }), facts()).find(({ code }) => code === 'unknown_cause');
  const says = found?.evidence.map(({ reading, says: text }) => `${reading}: ${text}`) ?? [];
  expect(says).toContain('services: Read, 3 entries.');
  expect(says).toContain('kernelLog: Not readable: cp-1: deadline_exceeded');
});
