import { expect, test } from 'vitest';
import type { Evidence, PeerEvidence } from '../../lib/evidence/evidence.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import { etcdStatus, facts, failed, MEMBERS, member, ok, peer, running, silent } from './build-evidence.ts';

const affiliate = (n: number) => ({
  id: `n${n}`,
  nodeId: `n${n}`,
  hostname: `cp-${n}`,
  nodename: `cp-${n}`,
  addresses: [`10.0.0.${n}`],
  machineType: 'controlplane',
});
const discovered = (...ns: readonly number[]) => ({
  affiliates: ok(ns.map(affiliate)),
  members: ok(ns.map((n) => ({ ...affiliate(n), operatingSystem: 'Talos' }))),
});
const both = (change: Partial<PeerEvidence>) => ['cp-2', 'cp-3'].map((name) => peer(name, change));
/** cp-1 is silent, an etcd member still, and forgotten by discovery. */
const gone = (change: Partial<PeerEvidence> = {}): Evidence =>
  silent('no_route', both({ ...discovered(2, 3), ...change }));
const found = (evidence: Evidence, change = {}) =>
  runPlaybooks(evidence, facts(change)).find(({ code }) => code === 'etcd_dead_member');

test('a control plane that discovery has forgotten and etcd has not: what is left, and its member', () => {
  expect(found(gone())).toMatchObject({
    severity: 'warning',
    confidence: 'likely',
    summary:
      'cp-1 has been gone for over 30 min and is still a voter of etcd: 2 of 3 voters are healthy, 2 are needed, so one more loss stops the cluster.',
    suggests: ['remove_etcd_member'],
    parameters: { remove_etcd_member: { memberId: '1001' } },
  });
  expect(found(gone())?.advice).toContain('If cp-1 can come back, bring it back');
  expect(found(gone())?.evidence[0]?.says).toBe('etcd member 3e9 at https://10.0.0.1:2380, say all who answer.');
});

test.for<{ why: string; evidence: Evidence; entry?: Parameters<typeof facts>[0] }>([
  { why: 'it answers', evidence: { ...running(), peers: gone().peers } },
  { why: 'it is a worker', evidence: gone(), entry: { role: 'worker' } },
  { why: 'discovery knows it still: it may be away for minutes', evidence: gone(discovered(1, 2, 3)) },
  {
    why: 'only one has forgotten it',
    evidence: silent('no_route', [peer('cp-2', discovered(2, 3)), peer('cp-3', discovered(1, 2, 3))]),
  },
  { why: 'discovery is away, which everybody is forgotten by', evidence: gone(discovered(2)) },
  { why: 'discovery could not be read', evidence: gone({ affiliates: failed() }) },
  { why: 'it is no member any more', evidence: gone({ etcdMembers: ok(MEMBERS.slice(1)) }) },
  { why: 'others reach it', evidence: gone({ proxyDial: ok({ tag: 'v1.13.2' }) }) },
  {
    why: 'another machine has its name',
    evidence: gone({ etcdMembers: ok([member('9', 'cp-1', '10.0.0.77'), ...MEMBERS.slice(1)]) }),
  },
  { why: 'etcd has no leader', evidence: gone({ etcdStatus: ok({ ...etcdStatus('1002'), leader: '0' }) }) },
])('is not found when $why', ({ evidence, entry = {} }) => {
  expect(found(evidence, entry)).toBeUndefined();
});

test.for<{ why: string; evidence: Evidence }>([
  {
    why: 'a learner waits to be promoted',
    evidence: gone({ etcdMembers: ok([...MEMBERS, { ...member('4', 'cp-4', '10.0.0.4'), isLearner: true }]) }),
  },
  {
    why: 'the others are too few',
    evidence: silent('no_route', [
      peer('cp-2', discovered(2, 3)),
      peer('cp-3', {
        ...discovered(2, 3),
        etcdStatus: failed(),
        machineStatus: ok({ stage: 'running', ready: false }),
      }),
    ]),
  },
  { why: 'two voters would become one', evidence: gone({ etcdMembers: ok(MEMBERS.slice(0, 2)) }) },
])('is told without a button when $why', ({ evidence }) => {
  expect(found(evidence)?.suggests).toEqual([]);
  expect(found(evidence)?.parameters).toBeUndefined();
});
