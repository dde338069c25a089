import { expect, test } from 'vitest';
import type { PeerEvidence } from '../../lib/evidence/evidence.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import { away, etcdStatus, facts, failed, ok, peer, quorumLost, running, silent } from './build-evidence.ts';

const CODE = 'etcd_quorum_lost';
const quorum = (findings: ReturnType<typeof runPlaybooks>) => findings.find(({ code }) => code === CODE);
/** A control plane whose machine is well and whose etcd does not run. */
const withoutEtcd = (node: string) =>
  peer(node, { etcdMembers: failed('connection_refused'), etcdStatus: failed('connection_refused') });
const leaderless = (node: string) =>
  peer(node, { etcdMembers: failed('unreachable'), etcdStatus: ok({ ...etcdStatus('1002'), leader: '0' }) });
const seen = (peers: readonly PeerEvidence[], seconds = 300) =>
  runPlaybooks(quorumLost(seconds, {}, [...peers]), facts());

test('two of three control planes away: who answers, who does not, how many are needed, and nothing is suggested', () => {
  const [found, ...others] = seen([away('cp-2'), away('cp-3')]);
  expect(found).toMatchObject({ code: CODE, severity: 'critical', confidence: 'likely', suggests: [] });
  expect(found?.summary).toBe(
    'etcd has lost its quorum: of 3 voters only cp-1 answers, 2 are needed; cp-2 and cp-3 do not answer at all.',
  );
  expect(found?.advice).toMatch(/^Bring 1 of cp-2 and cp-3 back/);
  expect(found?.advice).toContain('Never bootstrap a cluster that had data');
  expect(others).toEqual([]);
});

test('it is certain where the other machines answer and their etcd does not', () => {
  const [found] = seen([withoutEtcd('cp-2'), withoutEtcd('cp-3')]);
  expect(found).toMatchObject({ code: CODE, confidence: 'certain' });
  expect(found?.summary).toContain('the etcd of cp-2 and cp-3 does not answer');
});

test('an election that is under way is not certain', () => {
  expect(seen([withoutEtcd('cp-2'), withoutEtcd('cp-3')], 10)[0]?.confidence).toBe('likely');
});

test('somebody with a leader means that there is a quorum', () => {
  expect(quorum(seen([peer('cp-2'), away('cp-3')]))).toBeUndefined();
});

test('all answer and nobody leads: the ports, clocks and disks between them', () => {
  const found = quorum(seen([leaderless('cp-2'), leaderless('cp-3')]));
  expect(found).toMatchObject({ confidence: 'likely' });
  expect(found?.summary).toBe(
    'etcd has no leader although 3 of 3 voters answer (cp-1, cp-2 and cp-3) and 2 are enough.',
  );
  expect(found?.advice).toContain('2380/tcp');
});

test('where a control plane is known that was not asked, or refuses to say, it is not certain', () => {
  const announced = ['n1', 'n2', 'n3', 'n4', 'n5'].map((nodeId) => {
    return { id: nodeId, nodeId, hostname: '', nodename: '', addresses: [], machineType: 'controlplane' };
  });
  const both = [withoutEtcd('cp-2'), withoutEtcd('cp-3')];
  const evidence = quorumLost(300, { affiliates: ok(announced) }, both);
  expect(quorum(runPlaybooks(evidence, facts()))?.confidence).toBe('likely');
  const denied = peer('cp-3', { etcdMembers: failed(), etcdStatus: failed('permission_denied') });
  expect(quorum(seen([withoutEtcd('cp-2'), denied]))?.confidence).toBe('likely');
});

test('nothing is said of the quorum where no etcd could be asked', () => {
  const unread = quorumLost(300, { etcdStatus: failed(), services: failed() });
  expect(quorum(runPlaybooks(unread, facts()))).toBeUndefined();
  expect(quorum(runPlaybooks(silent('no_route', [away('cp-2'), away('cp-3')]), facts()))).toBeUndefined();
});

test('a silent node stays the first finding, the lost quorum stands beside it', () => {
  const found = runPlaybooks(silent('no_route', [leaderless('cp-2'), away('cp-3')]), facts());
  expect(found.map(({ code }) => code)).toEqual(['node_silent', CODE]);
});

test('from a worker it is a warning, and never certain', () => {
  const { staticPods: _, ...readings } = running().readings;
  const worker = { ...running({}, { peers: [leaderless('cp-2'), withoutEtcd('cp-3')] }), readings };
  expect(quorum(runPlaybooks(worker, facts({ role: 'worker' })))).toMatchObject({
    severity: 'warning',
    confidence: 'likely',
  });
});

test('up to Talos 1.8, where a reader gets no status, the health check of the node says it', () => {
  const evidence = quorumLost(300, { etcdStatus: failed('permission_denied') });
  expect(quorum(runPlaybooks(evidence, facts()))).toMatchObject({
    confidence: 'likely',
    summary:
      'etcd has lost its quorum: of 3 voters only cp-1 answers, 2 are needed; cp-2 and cp-3 do not answer at all.',
  });
});

test('a control plane in maintenance mode is not called silent: its config may bring the member back', () => {
  const inMaintenance = (node: string) =>
    peer(node, {
      members: failed('unknown_authority'),
      etcdMembers: failed('unknown_authority'),
      etcdStatus: failed('unknown_authority'),
      machineStatus: failed('unknown_authority'),
    });
  const found = quorum(seen([inMaintenance('cp-2'), away('cp-3')]));
  expect(found).toMatchObject({ confidence: 'likely' });
  expect(found?.summary).toBe(
    'etcd has lost its quorum: of 3 voters only cp-1 answers, 2 are needed; cp-3 does not answer at all, and cp-2 is not in the cluster now, most likely in maintenance mode.',
  );
  expect(found?.advice).toContain('why cp-2 waits in maintenance mode');
  expect(quorum(seen([inMaintenance('cp-2'), withoutEtcd('cp-3')]))?.confidence).toBe('likely');
});
