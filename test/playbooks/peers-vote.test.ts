import { expect, test } from 'vitest';
import type { PeerEvidence } from '../../lib/evidence/evidence.ts';
import { describeVote, type VoteTopic, votesOf } from '../../lib/playbooks/peers-vote.ts';
import { facts, failed, MEMBERS, ok, peer, silent } from './build-evidence.ts';

const inventory = facts().inventory;
const voteOn = (topic: VoteTopic, ...peers: readonly PeerEvidence[]) => {
  const vote = votesOf(silent('connection_timeout', peers), inventory).find((one) => one.topic === topic);
  if (vote === undefined) throw new Error(`no vote on ${topic}`);
  return { verdict: vote.verdict, says: describeVote(vote) };
};
const gone = ok(MEMBERS.slice(1));
const mute = failed<never>();

test.for([
  {
    why: 'two agree',
    peers: [peer('cp-2'), peer('cp-3')],
    verdict: 'yes',
    says: 'Its peers: it is an etcd member (cp-2 and cp-3).',
  },
  {
    why: 'two agree, one dissents',
    peers: [peer('cp-2'), peer('cp-3', { etcdMembers: gone }), peer('cp-4')],
    verdict: 'yes',
    says: 'Its peers: it is an etcd member (cp-2 and cp-4, but not cp-3).',
  },
  {
    why: 'all say it is gone',
    peers: [peer('cp-2', { etcdMembers: gone }), peer('cp-3', { etcdMembers: gone })],
    verdict: 'no',
    says: 'Its peers: it is no etcd member (cp-2 and cp-3).',
  },
  {
    why: 'one against one',
    peers: [peer('cp-2'), peer('cp-3', { etcdMembers: gone })],
    verdict: 'split',
    says: 'They disagree: it is an etcd member (cp-2 says so); it is no etcd member (cp-3 says so).',
  },
  {
    why: 'one of two answers',
    peers: [peer('cp-2', { etcdMembers: mute }), peer('cp-3')],
    verdict: 'unknown',
    says: 'Only one says: it is an etcd member (cp-3 says so).',
  },
  {
    why: 'nobody answers',
    peers: [peer('cp-2', { etcdMembers: mute }), peer('cp-3', { etcdMembers: mute })],
    verdict: 'unknown',
    says: undefined,
  },
  {
    why: 'there is only one',
    peers: [peer('cp-2')],
    verdict: 'yes',
    says: 'Its peers: it is an etcd member (cp-2).',
  },
  { why: 'there is none', peers: [], verdict: 'unknown', says: undefined },
])('etcd membership, $why: $verdict', ({ peers, verdict, says }) => {
  expect(voteOn('etcd_member', ...peers)).toEqual({ verdict, says });
});

const dial = (code: string) => ({ proxyDial: failed<never>(code) });
const silentItself = { members: mute, etcdMembers: mute, machineStatus: mute, etcdStatus: mute };
test.for([
  { why: 'both proxies time out', changes: [dial('connection_timeout'), dial('no_route')], verdict: 'no' },
  { why: 'one reaches it', changes: [{ proxyDial: ok({ tag: 'v1.13.2' }) }, dial('no_route')], verdict: 'split' },
  {
    why: 'both meet a foreign certificate, as in maintenance mode',
    changes: [dial('unknown_authority'), dial('unknown_authority')],
    verdict: 'yes',
  },
  {
    why: 'a control plane that is away itself has no say about others',
    changes: [{ ...silentItself, ...dial('connection_refused') }, dial('connection_refused')],
    verdict: 'unknown',
  },
  {
    why: 'a dial that was called off says nothing',
    changes: [dial('cancelled'), dial('cancelled')],
    verdict: 'unknown',
  },
])('reachability, $why: $verdict', ({ changes, verdict }) => {
  const peers = changes.map((change, n) => peer(`cp-${n + 2}`, change));
  expect(voteOn('reachable', ...peers).verdict).toBe(verdict);
});

test('discovery, announcements, Kubernetes and etcd itself are votes of their own', () => {
  const affiliate = {
    id: 'n1',
    nodeId: 'n1',
    hostname: 'cp-1',
    nodename: '',
    addresses: ['10.0.0.1'],
    machineType: 'controlplane',
  };
  const noLeader = { leader: '0', memberId: '1', dbBytes: 1, dbInUseBytes: 1, raftIndex: '1', raftAppliedIndex: '1' };
  const ill = ok({ ...noLeader, raftTerm: '1', isLearner: false, errors: [] });
  const change = {
    affiliates: ok([affiliate]),
    nodeStatuses: ok([{ nodename: 'cp-1', nodeReady: false }]),
    etcdStatus: ill,
    members: ok([]),
  };
  const votes = votesOf(silent('no_route', [peer('cp-2', change), peer('cp-3', change)]), inventory);
  expect(votes.map(({ topic, verdict }) => [topic, verdict])).toEqual([
    ['reachable', 'unknown'],
    ['etcd_member', 'yes'],
    ['etcd_serves', 'no'],
    ['discovered', 'no'],
    ['announced', 'yes'],
    ['node_ready', 'no'],
  ]);
});

test('a worker is no question for etcd', () => {
  if (inventory === undefined) throw new Error('the facts have no inventory entry');
  const votes = votesOf(silent('no_route', [peer('cp-2'), peer('cp-3')]), { ...inventory, role: 'worker' });
  expect(votes.find(({ topic }) => topic === 'etcd_member')).toMatchObject({ yes: [], no: [], verdict: 'unknown' });
});
