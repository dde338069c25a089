import { expect, test } from 'vitest';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import {
  away,
  etcdStatus,
  facts,
  failed,
  learner,
  MEMBERS,
  ok,
  peer,
  refusedLearner,
  running,
} from './build-evidence.ts';

const CODE = 'etcd_learner_not_promoted';
const codes = (findings: ReturnType<typeof runPlaybooks>) =>
  findings.map(({ code, confidence }) => `${code} ${confidence}`);

test('a learner of 15 min is certain; the port of its peers comes first, and nothing is suggested', () => {
  const found = runPlaybooks(learner(15), facts());
  expect(codes(found)).toEqual([`${CODE} certain`]);
  expect(found[0]?.summary).toBe(
    'etcd on cp-1 has been a learner for 15 min and is not promoted to a voter; it sees no leader, so its peers most likely do not reach it.',
  );
  expect(found[0]?.advice).toMatch(/^Open 2380\/tcp between cp-1 \(10\.0\.0\.1\) and cp-2 and cp-3/);
  expect(found[0]).toMatchObject({ severity: 'critical', suggests: [] });
});

test('within the time that a join takes it is a hint', () => {
  const [found] = runPlaybooks(learner(3), facts());
  expect(found).toMatchObject({ code: CODE, confidence: 'possible', severity: 'warning' });
  expect(found?.summary).toContain('a learner for 3 min; up to 10 min are normal');
});

test('a learner that hears a leader and is behind needs time', () => {
  const status = { ...etcdStatus('1001'), isLearner: true, raftAppliedIndex: '4' };
  const evidence = learner(15, { etcdStatus: ok(status) });
  const [found] = runPlaybooks(evidence, facts());
  expect(found?.summary).not.toContain('sees no leader');
  expect(found?.evidence.map(({ says }) => says)).toContain('It is 5 raft entries behind the leader.');
  expect(found?.advice).toContain('it only needs time');
});

test('up to Talos 1.8, where a reader gets no status, the list of a peer shows it', () => {
  expect(codes(runPlaybooks(learner(15, { etcdStatus: failed('permission_denied') }), facts()))).toEqual([
    `${CODE} certain`,
  ]);
});

test.for([
  ['the services', { services: failed<never>() }],
  ['the status, with no peer', { etcdStatus: failed<never>() }],
])('without %s it is a hint at most', ([_what, readings]) => {
  const evidence = learner(15, typeof readings === 'object' ? readings : {});
  const peers = evidence.peers.map(({ node }) => peer(node, { etcdMembers: failed() }));
  const found = runPlaybooks({ ...evidence, peers }, facts()).find(({ code }) => code === CODE);
  expect(found?.confidence).toBe('possible');
});

test('a member that was promoted since the others were asked is no learner', () => {
  const evidence = running({}, { peers: learner(15).peers });
  expect(codes(runPlaybooks(evidence, facts()))).toEqual(['healthy certain', `${CODE} possible`]);
});

test('with no voter that gives a list it may wait because those are gone', () => {
  const { peers, ...rest } = learner(15);
  const gone = peers.map(({ node }) => away(node));
  expect(codes(runPlaybooks({ ...rest, peers: gone }, facts()))).toEqual([`${CODE} likely`]);
});

test('a node that is refused names the learner that blocks it', () => {
  const found = runPlaybooks(refusedLearner(15), facts());
  expect(codes(found)).toEqual([`${CODE} certain`]);
  expect(found[0]?.summary).toBe(
    'etcd on cp-1 has waited for 15 min to join, because cp-2 is still a learner and etcd takes only one at a time.',
  );
  expect(found[0]?.advice).toMatch(/^Look at cp-2 first/);
  expect(codes(runPlaybooks(refusedLearner(5), facts()))[0]).toBe(`${CODE} likely`);
});

test.for([
  ['the text', { kernelLog: failed<never>() }, 'likely'],
  ['the services', { services: failed<never>() }, 'possible'],
] as const)('a refused node without %s is at most %s', ([, readings, confidence]) => {
  expect(runPlaybooks(refusedLearner(15, readings), facts()).find(({ code }) => code === CODE)?.confidence).toBe(
    confidence,
  );
});

test('from a worker a learner is information: a join may be under way', () => {
  const etcdMembers = ok(MEMBERS.map((one) => ({ ...one, isLearner: one.id === '1002' })));
  const { staticPods: _, ...readings } = running().readings;
  const worker = { ...running({}, { peers: [peer('cp-3', { etcdMembers })] }), readings };
  const found = runPlaybooks(worker, facts({ role: 'worker' }));
  expect(codes(found)).toEqual(['healthy certain', `${CODE} possible`]);
  expect(found[1]).toMatchObject({ severity: 'info' });
});
