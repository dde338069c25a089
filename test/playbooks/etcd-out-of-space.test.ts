import { expect, test } from 'vitest';
import type { Readings } from '../../lib/evidence/evidence.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import { etcdStatus, facts, failed, NOSPACE_ERRORS, nospace, ok, peer, running } from './build-evidence.ts';

const GIB = 1024 ** 3;
const top = (findings: ReturnType<typeof runPlaybooks>) => findings[0];
const of = (inUseShare: number, readings: Readings = {}, bytes = 2 * GIB) =>
  top(runPlaybooks(nospace(inUseShare, readings, bytes), facts()));

test.for([
  { share: 0.1, suggests: ['defragment_etcd'], says: 'only 10 % of that is in use' },
  { share: 0.7, suggests: ['defragment_etcd'], says: '70 % of that is in use' },
  { share: 0.95, suggests: [], says: '95 % of that is really in use' },
])('a full file of which $share is in use: $says', ({ share, suggests, says }) => {
  const found = of(share);
  expect(found).toMatchObject({ code: 'etcd_out_of_space', confidence: 'certain', severity: 'critical', suggests });
  expect(found?.summary).toContain('alarm NOSPACE on cp-1, cp-2 and cp-3');
  expect(found?.summary).toContain(says);
});

test('defragments followers first and the leader last, then disarms', () => {
  expect(of(0.1)?.advice).toContain('cp-1, cp-3, and last the leader cp-2');
  expect(of(0.1)?.advice).toMatch(/then talosctl etcd alarm disarm\.$/);
});

test('a raised quota counts, and a file that is larger than the default shows one', () => {
  const etcdSpec = ok({ name: 'cp-1', quotaBytes: 8 * GIB });
  expect(of(0.95, { etcdSpec }, 8 * GIB)?.summary).toContain('8.00 GiB of a quota of 8.00 GiB');
  expect(of(0.1, {}, 4 * GIB)?.summary).toContain('4.00 GiB of a quota of 4.00 GiB');
});

test('where somebody has defragmented already, only the alarm is left', () => {
  expect(of(0.1, {}, GIB / 4)).toMatchObject({ suggests: ['disarm_etcd_alarm'], confidence: 'certain' });
});

test('a small file is no reason to disarm while another member could not be read', () => {
  const evidence = nospace(0.1, {}, GIB / 4);
  const [first, ...others] = evidence.peers;
  const peers = first === undefined ? others : [{ ...first, etcdStatus: failed<never>() }, ...others];
  expect(top(runPlaybooks({ ...evidence, peers }, facts()))?.suggests).toEqual([]);
});

test('is as certain from the errors of its own status, and less so from peers alone', () => {
  expect(of(0.1, { etcdAlarms: failed() })?.confidence).toBe('certain');
  const found = of(0.1, { etcdAlarms: failed(), etcdStatus: failed() });
  expect(found).toMatchObject({ code: 'etcd_out_of_space', confidence: 'likely' });
});

test('an empty list of alarms speaks against errors that say otherwise', () => {
  expect(of(0.1, { etcdAlarms: ok([]) })).toMatchObject({ confidence: 'likely' });
});

test('a reader of Talos 1.8, who may not ask for alarms, gets it from a log as a hint', () => {
  const denied = { etcdAlarms: failed<never>('permission_denied'), etcdStatus: failed<never>('permission_denied') };
  const logs = { etcd: ok(['{"level":"warn","error":"etcdserver: mvcc: database space exceeded"}']) };
  const peers = ['cp-2', 'cp-3'].map((name) => peer(name, { etcdStatus: failed('permission_denied') }));
  const found = runPlaybooks(running({ ...denied, logs }, { peers }), facts());
  expect(found.find(({ code }) => code === 'etcd_out_of_space')).toMatchObject({
    confidence: 'possible',
    suggests: [],
  });
  expect(runPlaybooks(running({ logs }), facts()).map(({ code }) => code)).toEqual(['healthy']);
});

test('seen from a worker it is a warning beside what the worker itself has, without a button', () => {
  const status = { ...etcdStatus('1002'), errors: NOSPACE_ERRORS };
  const peers = [peer('cp-2', { etcdStatus: ok(status) })];
  const { etcdStatus: _, etcdAlarms: __, staticPods: ___, ...readings } = running().readings;
  const worker = { ...running({}, { peers }), readings: { ...readings, machineType: ok('worker') } };
  expect(top(runPlaybooks(worker, facts({ role: 'worker' })))).toMatchObject({
    code: 'etcd_out_of_space',
    severity: 'warning',
    confidence: 'likely',
    suggests: [],
  });
});

test('names the owner where the quota has to be raised in its config', () => {
  const annotations = { 'cluster.x-k8s.io/machine': 'cp-x' };
  const nodeStatus = ok({ nodename: 'cp-1', nodeReady: true, unschedulable: false, annotations });
  expect(of(0.95, { nodeStatus })?.advice).toContain(
    'Cluster API manages this machine (cluster.x-k8s.io/machine), so change it there',
  );
  const kernelCmdline = ok('console=tty0 siderolink.api=grpc://10.9.9.9:8090?jointoken=x');
  expect(of(0.95, { kernelCmdline })?.advice).toContain('Omni (or whoever serves its SideroLink) manages this machine');
  expect(of(0.95)?.advice).not.toContain('manages this machine');
});
