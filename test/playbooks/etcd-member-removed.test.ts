import { expect, test } from 'vitest';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import {
  etcdIs,
  etcdStatus,
  facts,
  failed,
  MEMBERS,
  member,
  memberRemoved,
  ok,
  peer,
  REMOVED_LINE,
  running,
  sameName,
  TWO_CP_1,
  WITHOUT_CP_1,
} from './build-evidence.ts';

const codes = (findings: ReturnType<typeof runPlaybooks>) =>
  findings.map(({ code, confidence }) => `${code} ${confidence}`);

test('etcd that was removed and kept its data is certain, says how often it ended, and may be wiped', () => {
  const [found, ...others] = runPlaybooks(memberRemoved(), facts());
  expect(found).toMatchObject({
    code: 'etcd_member_removed',
    severity: 'critical',
    confidence: 'certain',
    suggests: ['reset_ephemeral'],
  });
  expect(found?.summary).toBe(
    'etcd on cp-1 cannot run, because cp-2 and cp-3 have removed its member while its old data stayed on the disk; it has ended 10 times since 2026-03-01 11:50 UTC.',
  );
  expect(found?.advice).toContain('--system-labels-to-wipe EPHEMERAL');
  expect(others).toEqual([]);
});

test('a node that the others still list, or whose etcd is healthy again, was not removed', () => {
  const listed = memberRemoved({}, [peer('cp-2'), peer('cp-3')]);
  expect(codes(runPlaybooks(listed, facts()))).toEqual(['unknown_cause possible']);
  const logs = { etcd: ok([REMOVED_LINE]) };
  expect(codes(runPlaybooks(running({ logs }), facts()))).toEqual(['healthy certain']);
});

test.for([
  ['the log of etcd', memberRemoved({ logs: { etcd: failed() } }), 'etcd_member_removed likely'],
  ['what the others list', memberRemoved({}, []), 'etcd_member_removed likely'],
  ['the services', memberRemoved({ services: failed() }), 'etcd_member_removed possible'],
] as const)('without %s it is less sure and no wipe is suggested', ([, evidence, expected]) => {
  const found = runPlaybooks(evidence, facts());
  expect(codes(found)[0]).toBe(expected);
  expect(found[0]?.suggests).toEqual([]);
});

test('the kernel log tells it where the log of etcd is gone', () => {
  const kernelLog = ok([{ at: undefined, facility: 'user', message: REMOVED_LINE }]);
  expect(codes(runPlaybooks(memberRemoved({ logs: {}, kernelLog }), facts()))[0]).toBe('etcd_member_removed certain');
});

test.for([
  ['another learner waits', [{ ...member('1009', 'cp-4', '10.0.0.4'), isLearner: true }]],
  ['the others have no quorum', [member('1009', 'cp-4', '10.0.0.4'), member('1010', 'cp-5', '10.0.0.5')]],
] as const)('no wipe is suggested while %s', ([, more]) => {
  const peers = WITHOUT_CP_1.map((one) => ({ ...one, etcdMembers: ok([...MEMBERS.slice(1), ...more]) }));
  expect(runPlaybooks(memberRemoved({}, peers), facts())[0]).toMatchObject({
    code: 'etcd_member_removed',
    suggests: [],
  });
});

test('a member of the same name at another address is a duplicate hostname: the names come first', () => {
  const [found, ...others] = runPlaybooks(sameName(), facts());
  expect(found).toMatchObject({
    code: 'duplicate_hostnames',
    confidence: 'certain',
    severity: 'critical',
    suggests: [],
  });
  expect(found?.summary).toBe(
    'cp-1 and cp-2 have the same hostname cp-1: when the other one joined etcd it removed the member of cp-1, whose etcd has ended 10 times since 2026-03-01 11:50 UTC.',
  );
  expect(found?.advice).toMatch(/^Give cp-2 its own hostname again/);
  expect(others).toEqual([]);
});

test('the node that took the name is told to give it back, and is not called healthy', () => {
  const hostname = ok({ hostname: 'cp-3', domainname: '' });
  const affiliates = ok(TWO_CP_1.map((one) => ({ ...one, hostname: 'cp-3', nodename: 'cp-3' })));
  const peers = [peer('cp-2'), peer('cp-3', { nodeStatuses: ok([{ nodename: 'cp-3', nodeReady: true }]) })];
  const etcdMembers = ok([member('1001', 'cp-3', '10.0.0.1'), ...MEMBERS.slice(1)]);
  const evidence = running({ hostname, affiliates, etcdMembers, etcdSpec: ok({ name: 'cp-3' }) }, { peers });
  const [found] = runPlaybooks(evidence, facts());
  expect(found).toMatchObject({ code: 'duplicate_hostnames', confidence: 'certain', severity: 'warning' });
  expect(found?.advice).toMatch(/^Give cp-1 its own hostname again/);
});

test('what discovery remembers of a machine that was wiped is no second machine', () => {
  const found = runPlaybooks(running({ affiliates: ok(TWO_CP_1) }), facts());
  expect(codes(found)).toEqual(['healthy certain', 'duplicate_hostnames possible']);
  expect(found[1]?.severity).toBe('info');
});

test('an FQDN and the short name of another machine are two names', () => {
  const hostname = ok({ hostname: 'cp-2.example.org', domainname: '' });
  const found = runPlaybooks(running({ hostname, etcdSpec: ok({ name: 'cp-2.example.org' }) }), facts());
  expect(found.map(({ code }) => code)).not.toContain('duplicate_hostnames');
});

test('a third node says it of two others that both answer, not of entries alone', () => {
  const two = ok(TWO_CP_1.map((one) => ({ ...one, hostname: 'cp-x', nodename: 'cp-x' })));
  const nodeStatuses = ok([{ nodename: 'cp-x', nodeReady: true }]);
  const both = [
    peer('cp-2', { nodeStatuses, affiliates: two }),
    peer('cp-3', { nodeStatuses, affiliates: two, etcdStatus: ok(etcdStatus('1003')) }),
  ];
  expect(runPlaybooks(running({}, { peers: both }), facts())[0]).toMatchObject({
    code: 'duplicate_hostnames',
    confidence: 'likely',
    severity: 'warning',
    summary: 'cp-2 and cp-3 have the same hostname cp-x; whichever joins etcd removes the member of the other.',
  });
  const entries = [peer('cp-2', { affiliates: two }), peer('cp-3')];
  expect(codes(runPlaybooks(running({}, { peers: entries }), facts()))).toEqual(['healthy certain']);
});

test('a service that waits without having ended is not taken for a removed member', () => {
  const waiting = memberRemoved({ services: etcdIs({ state: 'Preparing', health: 'unknown' }), logs: {} });
  expect(codes(runPlaybooks(waiting, facts()))).not.toContain('etcd_member_removed likely');
});

test('up to Talos 1.8, where a reader gets no status, a list of members shows the quorum of the others', () => {
  const peers = WITHOUT_CP_1.map((one) => ({ ...one, etcdStatus: failed<never>('permission_denied') }));
  expect(runPlaybooks(memberRemoved({}, peers), facts())[0]?.suggests).toEqual(['reset_ephemeral']);
});
