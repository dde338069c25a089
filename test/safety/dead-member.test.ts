import { expect, test } from 'vitest';
import { actionTraits } from '../../lib/actions/traits.ts';
import type { PeerEvidence } from '../../lib/evidence/evidence.ts';
import { deadMember } from '../../lib/safety/dead-member.ts';
import type { GateFacts } from '../../lib/safety/facts.ts';
import {
  etcdStatus,
  failed,
  inventory,
  MEMBERS,
  member,
  ok,
  peer,
  running,
  silent,
} from '../playbooks/build-evidence.ts';
import { answerOf, ask, other, reboot, record } from './facts.ts';

const removal = { ...actionTraits.reboot, calls: 'peer' as const, stops: 'nothing' as const, risk: 'R3' as const };
const PEERS = [peer('cp-2'), peer('cp-3')];
/** cp-1 has been silent for exactly five minutes. */
const facts = (peers: readonly PeerEvidence[] = PEERS, change: Partial<GateFacts> = {}): GateFacts =>
  reboot({
    action: removal,
    evidence: silent('connection_timeout', peers),
    record: record({ silentSince: '2026-03-01T11:55:00.000Z' }),
    ...change,
  });
const listing = (members: typeof MEMBERS): Partial<PeerEvidence> => ({ etcdMembers: ok(members) });
const [, second, third] = MEMBERS;
if (second === undefined || third === undefined) throw new Error('three members are needed');

test('the member of a node that is silent for five minutes is proven by the others, who also take the call', () => {
  expect(deadMember(facts().evidence, inventory)).toEqual({
    ok: true,
    value: { id: '1001', peerUrls: ['https://10.0.0.1:2380'], survivor: 'cp-2' },
  });
  expect(answerOf('proven_target', facts())).toMatchObject({
    answer: 'allowed',
    because: 'It is etcd member 1001 (https://10.0.0.1:2380); cp-2 can remove it.',
  });
  for (const gate of ['stage', 'version', 'quorum', 'another_actor', 'freshness'] as const) {
    expect(ask(gate, facts()), gate).toBe('allowed');
  }
});

test('the call goes to whoever has a healthy etcd', () => {
  const peers = [peer('cp-2', { etcdStatus: ok({ ...etcdStatus('1002'), errors: ['no leader'] }) }), peer('cp-3')];
  const found = deadMember(facts(peers).evidence, inventory);
  expect(found).toMatchObject({ ok: true, value: { survivor: 'cp-3' } });
});

test.for<{ why: string; facts: GateFacts; says: string }>([
  { why: 'it answers', facts: facts(PEERS, { evidence: running() }), says: 'still answers' },
  { why: 'it is not known', facts: facts(PEERS, { entry: undefined }), says: 'not in the inventory' },
  { why: 'it is a worker', facts: facts(PEERS, { entry: { ...inventory, role: 'worker' } }), says: 'no etcd member' },
  {
    why: 'it was found silent only now',
    facts: facts(PEERS, { record: record({ silentSince: '2026-03-01T11:55:00.001Z' }) }),
    says: 'twice, five minutes apart',
  },
  { why: 'no look before found it silent', facts: facts(PEERS, { record: record() }), says: 'twice' },
  {
    why: 'nobody lists members',
    facts: facts([peer('cp-2', { etcdMembers: failed() }), peer('cp-3', { etcdMembers: failed() })]),
    says: 'No control plane says',
  },
  {
    why: 'it is removed already',
    facts: facts([peer('cp-2', listing([second, third])), peer('cp-3', listing([second, third]))]),
    says: 'none to remove',
  },
  {
    why: 'one lists it under another id',
    facts: facts([peer('cp-2'), peer('cp-3', listing([member('9', 'cp-1', '10.0.0.1'), second, third]))]),
    says: 'do not agree',
  },
  {
    why: 'one lists another address',
    facts: facts([peer('cp-2'), peer('cp-3', listing([member('1001', 'cp-1', '10.0.0.9'), second, third]))]),
    says: 'do not agree',
  },
  {
    why: 'two members could be it',
    facts: facts(['cp-2', 'cp-3'].map((name) => peer(name, listing([...MEMBERS, member('1004', 'cp-1', '10.0.0.1')])))),
    says: 'do not agree',
  },
  {
    why: 'another machine of that name is the member',
    facts: facts(
      ['cp-2', 'cp-3'].map((name) => peer(name, listing([member('1001', 'cp-1', '10.0.0.9'), second, third]))),
    ),
    says: 'but not its address',
  },
  {
    why: 'nobody is well enough to take the call',
    facts: facts(['cp-2', 'cp-3'].map((name) => peer(name, { etcdStatus: failed() }))),
    says: 'No control plane with a healthy etcd',
  },
])('$why: refused', ({ facts: known, says }) => {
  const answer = answerOf('proven_target', known);
  expect(answer.answer).toBe('refused');
  expect(answer.because).toContain(says);
});

test('since when it is silent shows when it is planned', () => {
  expect(ask('proven_target', facts(PEERS, { record: { known: 'no' } }))).toBe('deferred');
});

test('a plan for it is void once what it rests on has changed', () => {
  const plan = { cluster: 'test', node: 'cp-1', role: 'controlplane' as const, boot: '', actorIds: [] };
  const planned = (digestNow: string) => facts(PEERS, { planned: { ...plan, digest: 'd', digestNow } });
  expect(ask('proven_target', planned('d'))).toBe('allowed');
  expect(ask('proven_target', planned('e'))).toBe('refused');
});

test('a survivor whose Talos is not known takes no call', () => {
  const others = [other('cp-2'), other('cp-3', { version: 'v1.99.0' })];
  const silentSince = '2026-03-01T11:55:00.000Z';
  const known = facts(PEERS, { record: record({ others, silentSince }) });
  expect(answerOf('version', known)).toMatchObject({ answer: 'refused', because: expect.stringContaining('cp-3') });
  const worker = other('w-1', { role: 'worker', version: undefined });
  expect(ask('version', facts(PEERS, { record: record({ others: [other('cp-2'), worker] }) }))).toBe('allowed');
  expect(ask('version', facts(PEERS, { record: { known: 'no' } }))).toBe('deferred');
});

test.for([
  { voters: 3, dead: 1, answer: 'allowed', why: 'two are the quorum of three' },
  { voters: 3, dead: 2, answer: 'refused', why: 'the quorum is lost' },
  { voters: 2, dead: 1, answer: 'refused', why: 'two have no quorum without each other' },
  { voters: 5, dead: 2, answer: 'allowed', why: 'three are the quorum of five' },
  { voters: 5, dead: 3, answer: 'refused', why: 'the quorum is lost' },
])('$dead of $voters voters are dead: $why', ({ voters, dead, answer }) => {
  const members = Array.from({ length: voters }, (_, n) => member(`${1001 + n}`, `cp-${n + 1}`, `10.0.0.${n + 1}`));
  const peers = members
    .slice(1)
    .map(({ hostname, id }, n) =>
      n < dead - 1
        ? peer(hostname, { etcdMembers: failed(), etcdStatus: failed(), machineStatus: failed() })
        : peer(hostname, { ...listing(members), etcdStatus: ok(etcdStatus(id)) }),
    );
  expect(ask('quorum', facts(peers, { controlPlanes: voters }))).toBe(answer);
});
