import { describe, expect, test } from 'vitest';
import { actionTraits } from '../../lib/actions/traits.ts';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import type { EtcdMemberReading } from '../../lib/evidence/values.ts';
import type { GateFacts } from '../../lib/safety/facts.ts';
import type { GateAnswer, GateName } from '../../lib/safety/gate.ts';
import { overall, runGates } from '../../lib/safety/gates.ts';
import { Limits } from '../../lib/safety/limits.ts';
import {
  EARLIER_BOOT_S,
  etcdStatus,
  evidence,
  failed,
  inMaintenance,
  inventory,
  MEMBERS,
  member,
  memberRemoved,
  ok,
  otherHardware,
  peer,
  refused,
  running,
  silent,
} from '../playbooks/build-evidence.ts';
import { answerOf, ask, reboot, record, restore, stored } from './facts.ts';

const readings = (change: Evidence['readings']) => ({ evidence: running(change) });

test('a healthy control plane may be rebooted, one that waits may get its config: every gate says why', () => {
  for (const facts of [reboot(), restore()]) {
    const answers = runGates(facts);
    expect(answers.map(({ gate, answer }) => [gate, answer])).toEqual(
      facts.action.gates.map((gate) => [gate, 'allowed']),
    );
    expect(answers.every(({ because, facts: used }) => because.length > 0 && used.length > 0)).toBe(true);
    expect(overall(answers)).toBe('allowed');
  }
});

const worker = { ...inventory, role: 'worker' as const };
type Case = { gate: GateName; facts: GateFacts; answer: GateAnswer['answer']; why: string };
const cases: readonly Case[] = [
  { gate: 'proven_target', facts: reboot({ entry: undefined }), answer: 'refused', why: 'an unknown machine' },
  { gate: 'proven_target', facts: reboot(readings(otherHardware)), answer: 'refused', why: 'another machine' },
  {
    gate: 'proven_target',
    facts: restore({ evidence: inMaintenance(otherHardware) }),
    answer: 'refused',
    why: 'another machine in maintenance mode',
  },
  { gate: 'proven_target', facts: reboot({ evidence: evidence() }), answer: 'refused', why: 'nothing was readable' },
  {
    gate: 'proven_target',
    facts: reboot(readings({ links: failed(), disks: failed(), systemInformation: failed() })),
    answer: 'refused',
    why: 'hardware not readable',
  },
  {
    gate: 'proven_target',
    facts: reboot(readings({ machineType: ok('worker') })),
    answer: 'refused',
    why: 'it runs in another role',
  },
  {
    gate: 'proven_target',
    facts: reboot(readings({ machineType: ok('init') })),
    answer: 'allowed',
    why: 'init is a control plane',
  },
  { gate: 'freshness', facts: reboot({ now: '2026-03-01T12:01:00.000Z' }), answer: 'allowed', why: 'one minute old' },
  { gate: 'freshness', facts: reboot({ now: '2026-03-01T12:01:00.001Z' }), answer: 'refused', why: 'older' },
  { gate: 'freshness', facts: reboot({ now: 'no time' }), answer: 'refused', why: 'no time can be told' },
  { gate: 'freshness', facts: reboot({ now: '2026-03-01T11:58:59.999Z' }), answer: 'refused', why: 'from the future' },
  {
    gate: 'proven_target',
    facts: reboot(readings({ machineType: failed() })),
    answer: 'refused',
    why: 'its role was not read',
  },
  {
    gate: 'one_at_a_time',
    facts: reboot({ lease: { state: 'stale', by: 'reboot', node: 'cp-2', since: '2026-03-01T11:00:00.000Z' } }),
    answer: 'refused',
    why: 'nobody knows what became of another action',
  },
  {
    gate: 'freeze',
    facts: reboot({ record: record({ freeze: { by: 'Anna', reason: 'no', at: '2026-03-01T11:00:00.000Z' } }) }),
    answer: 'refused',
    why: 'somebody said no',
  },
  { gate: 'freeze', facts: reboot({ record: { known: 'no' } }), answer: 'deferred', why: 'nobody was asked' },
  {
    gate: 'stage',
    facts: reboot({ evidence: inMaintenance({}) }),
    answer: 'refused',
    why: 'no reboot in maintenance mode',
  },
  { gate: 'stage', facts: reboot({ evidence: silent('connection_timeout') }), answer: 'refused', why: 'silent' },
  { gate: 'stage', facts: restore({ evidence: silent('connection_timeout') }), answer: 'refused', why: 'silent' },
  {
    gate: 'stage',
    facts: reboot({ evidence: running({}, { reach: { mode: 'forwarded', via: 'cp-2' } }) }),
    answer: 'refused',
    why: 'Medic could not send it: only control planes reach the node',
  },
  {
    gate: 'stage',
    facts: restore({ evidence: refused('unknown_authority') }),
    answer: 'refused',
    why: 'a foreign certificate',
  },
  { gate: 'stage', facts: restore({ evidence: running() }), answer: 'refused', why: 'a running node keeps its config' },
  {
    gate: 'stage',
    facts: restore({ evidence: inMaintenance({ machineStatus: failed() }) }),
    answer: 'refused',
    why: 'stage not readable',
  },
  {
    gate: 'stage',
    facts: restore({
      evidence: inMaintenance({ machineStatus: ok({ stage: 'installing', ready: false, unmetConditions: [] }) }),
    }),
    answer: 'refused',
    why: 'it installs already',
  },
  { gate: 'stage', facts: reboot(readings({ machineStatus: failed() })), answer: 'refused', why: 'stage not readable' },
  {
    gate: 'stage',
    facts: reboot(readings({ machineStatus: ok({ stage: 'upgrading', ready: false, unmetConditions: [] }) })),
    answer: 'refused',
    why: 'an upgrade runs',
  },
  {
    gate: 'version',
    facts: reboot(readings({ version: failed() })),
    answer: 'refused',
    why: 'an assumed version is not enough to reboot',
  },
  { gate: 'version', facts: restore(), answer: 'allowed', why: 'an assumed version is enough for a config' },
  {
    gate: 'version',
    facts: restore({ entry: { ...inventory, version: undefined } }),
    answer: 'refused',
    why: 'no version is known',
  },
  {
    gate: 'version',
    facts: reboot(readings({ version: ok({ tag: 'v1.15.0', platform: '', mode: '' }) })),
    answer: 'refused',
    why: 'newer than Medic',
  },
  {
    gate: 'version',
    facts: restore({ evidence: inMaintenance({ version: ok({ tag: 'v2.0.0', platform: '', mode: '' }) }) }),
    answer: 'refused',
    why: 'what it says counts more than what was known',
  },
  { gate: 'role', facts: reboot({ hasIdentity: 'no' }), answer: 'refused', why: 'no certificate' },
  { gate: 'role', facts: reboot({ hasIdentity: 'unknown' }), answer: 'deferred', why: 'another function holds it' },
  {
    gate: 'one_at_a_time',
    facts: reboot({ lease: { state: 'held', by: 'reboot', node: 'cp-2', isDryRun: false } }),
    answer: 'refused',
    why: 'another action runs',
  },
  { gate: 'one_at_a_time', facts: reboot({ lease: { state: 'ours' } }), answer: 'allowed', why: 'it is ours' },
  {
    gate: 'one_at_a_time',
    facts: reboot({ lease: { state: 'unknown' } }),
    answer: 'deferred',
    why: 'nobody was asked',
  },
  {
    gate: 'stored_config',
    facts: restore({ storedConfig: { known: 'no' } }),
    answer: 'deferred',
    why: 'nobody was asked',
  },
  {
    gate: 'stored_config',
    facts: restore({ storedConfig: { known: 'yes', info: undefined } }),
    answer: 'refused',
    why: 'there is none',
  },
  {
    gate: 'stored_config',
    facts: restore({ storedConfig: { known: 'yes', info: { ...stored, node: 'cp-2' } } }),
    answer: 'refused',
    why: 'of another node',
  },
  {
    gate: 'stored_config',
    facts: restore({ storedConfig: { known: 'yes', info: { ...stored, cluster: 'prod' } } }),
    answer: 'refused',
    why: 'of another cluster',
  },
  {
    gate: 'stored_config',
    facts: restore({ storedConfig: { known: 'yes', info: { ...stored, machineUuid: 'x' } } }),
    answer: 'refused',
    why: 'of the machine before',
  },
  {
    gate: 'stored_config',
    facts: restore({
      storedConfig: { known: 'yes', info: { ...stored, machineUuid: stored.machineUuid.toUpperCase() } },
    }),
    answer: 'allowed',
    why: 'UUIDs are written in two ways',
  },
  {
    gate: 'playbook_stage',
    facts: reboot({ playbookStage: 'observe' }),
    answer: 'refused',
    why: 'the cluster only observes',
  },
  {
    gate: 'playbook_stage',
    facts: reboot({ playbookStage: 'suggest' }),
    answer: 'refused',
    why: 'the cluster only suggests',
  },
  {
    gate: 'quorum',
    facts: reboot({ entry: worker, evidence: evidence() }),
    answer: 'allowed',
    why: 'a worker is no member',
  },
  {
    gate: 'quorum',
    facts: reboot({ entry: worker, evidence: evidence(), action: actionTraits.defragment_etcd }),
    answer: 'refused',
    why: 'work on etcd stops members, also where it is asked for on a worker',
  },
];
test.for(cases)('$gate: $why, $answer', ({ gate, facts, answer }) => {
  expect(ask(gate, facts)).toBe(answer);
});

type PeerStatus = { readonly stage: 'running'; readonly ready: boolean };

describe('quorum', () => {
  const members = (count: number) =>
    Array.from({ length: count }, (_, n) => member(`${1001 + n}`, `cp-${n + 1}`, `10.0.0.${n + 1}`));
  /** A cluster of `count` voters that all answer; `change` says what is different about member n (1 is the node). */
  const cluster = (
    count: number,
    change: (n: number) => {
      members?: readonly EtcdMemberReading[] | 'unreadable';
      leader?: string;
      errors?: string[];
      isSilent?: boolean;
    } = () => ({}),
  ): Partial<GateFacts> => {
    const of = (n: number) => {
      const { members: list = members(count), leader = '1002', errors = [], isSilent = false } = change(n);
      return {
        etcdMembers: isSilent || list === 'unreadable' ? failed<readonly EtcdMemberReading[]>() : ok(list),
        etcdStatus: isSilent
          ? failed<ReturnType<typeof etcdStatus>>()
          : ok({ ...etcdStatus(`${1000 + n}`), leader, errors }),
      };
    };
    const peers = Array.from({ length: count - 1 }, (_, n) => {
      const machineStatus = change(n + 2).isSilent ? { machineStatus: failed<PeerStatus>() } : {};
      return peer(`cp-${n + 2}`, { ...of(n + 2), ...machineStatus });
    });
    return { evidence: running(of(1), { peers }), controlPlanes: count };
  };
  const learner = [...MEMBERS, { ...member('1004', 'cp-4', '10.0.0.4'), isLearner: true }];

  const quorumCases: readonly { why: string; facts: Partial<GateFacts>; answer: GateAnswer['answer'] }[] = [
    { why: 'the only control plane', facts: cluster(1), answer: 'refused' },
    {
      why: 'the only control plane of a team that allows it',
      facts: { ...cluster(1), limits: Limits.parse({ singleControlPlane: 'allow' }) },
      answer: 'allowed',
    },
    { why: 'one voter where there should be three', facts: { ...cluster(1), controlPlanes: 3 }, answer: 'refused' },
    { why: 'two voters', facts: cluster(2), answer: 'refused' },
    { why: 'three healthy voters', facts: cluster(3), answer: 'allowed' },
    {
      why: 'three voters, another one is silent',
      facts: cluster(3, (n) => ({ isSilent: n === 3 })),
      answer: 'refused',
    },
    {
      why: 'three voters, another one reports an error',
      facts: cluster(3, (n) => (n === 3 ? { errors: ['NOSPACE'] } : {})),
      answer: 'refused',
    },
    { why: 'five voters, one other is silent', facts: cluster(5, (n) => ({ isSilent: n === 3 })), answer: 'allowed' },
    {
      why: 'five voters, two others are silent',
      facts: cluster(5, (n) => ({ isSilent: n === 3 || n === 4 })),
      answer: 'refused',
    },
    {
      why: 'five voters, four of them only by hearsay',
      facts: cluster(5, (n) => ({ isSilent: n > 1 })),
      answer: 'refused',
    },
    { why: 'a learner is catching up', facts: cluster(3, () => ({ members: learner })), answer: 'refused' },
    {
      why: 'a learner that only one of them knows',
      facts: cluster(3, (n) => (n === 2 ? { members: learner } : {})),
      answer: 'refused',
    },
    {
      why: 'one has another list',
      facts: cluster(3, (n) => (n === 2 ? { members: [...MEMBERS.slice(0, 2), member('9', 'x', '10.0.0.9')] } : {})),
      answer: 'refused',
    },
    {
      why: 'the same members in another order',
      facts: cluster(3, (n) => (n === 2 ? { members: MEMBERS.toReversed() } : {})),
      answer: 'allowed',
    },
    { why: 'two leaders', facts: cluster(3, (n) => (n === 3 ? { leader: '1003' } : {})), answer: 'refused' },
    { why: 'nobody leads', facts: cluster(3, () => ({ leader: '0' })), answer: 'refused' },
    { why: 'one has lost the leader', facts: cluster(3, (n) => (n === 3 ? { leader: '0' } : {})), answer: 'refused' },
    { why: 'nobody says who the members are', facts: cluster(3, () => ({ members: 'unreadable' })), answer: 'refused' },
    {
      why: 'only the ill node itself says who the members are',
      facts: cluster(3, (n) => (n === 1 ? {} : { members: 'unreadable' })),
      answer: 'refused',
    },
    { why: 'nothing is readable anywhere', facts: cluster(3, () => ({ isSilent: true })), answer: 'refused' },
  ];
  test.for<{ why: string; evidence: Evidence; controlPlanes: number; answer: GateAnswer['answer'] }>([
    { why: 'two others have removed it', evidence: memberRemoved(), controlPlanes: 3, answer: 'allowed' },
    {
      why: 'only one of them says so',
      evidence: memberRemoved({}, [
        peer('cp-2', { etcdMembers: ok(MEMBERS.slice(1)) }),
        peer('cp-3', { etcdMembers: failed() }),
      ]),
      controlPlanes: 3,
      answer: 'refused',
    },
    {
      why: 'they do not agree',
      evidence: memberRemoved({}, [peer('cp-2', { etcdMembers: ok(MEMBERS.slice(1)) }), peer('cp-3')]),
      controlPlanes: 3,
      answer: 'refused',
    },
    {
      why: 'as many members as control planes: one of them may be its own under another name',
      evidence: memberRemoved(
        {},
        ['cp-2', 'cp-3'].map((name) =>
          peer(name, { etcdMembers: ok([...MEMBERS.slice(1), member('1009', 'talos-x', '10.9.0.9')]) }),
        ),
      ),
      controlPlanes: 3,
      answer: 'refused',
    },
    {
      why: 'its own etcd answers',
      evidence: memberRemoved({ etcdStatus: ok(etcdStatus('1001')) }),
      controlPlanes: 3,
      answer: 'refused',
    },
  ])('whoever is no member takes no vote away: $why', ({ evidence, controlPlanes, answer }) => {
    expect(ask('quorum', reboot({ evidence, controlPlanes }))).toBe(answer);
  });

  test('Talos 1.8 shows no etcd status: a control plane that is ready counts as healthy, one that is not does not', () => {
    const peers = (ready: boolean) => [
      peer('cp-2', { etcdStatus: failed('permission_denied') }),
      peer('cp-3', { etcdStatus: failed('permission_denied'), machineStatus: ok({ stage: 'running', ready }) }),
    ];
    const node = (ready: boolean) => {
      return reboot({ evidence: running({ etcdStatus: failed('permission_denied') }, { peers: peers(ready) }) });
    };
    expect(ask('quorum', node(true))).toBe('allowed');
    expect(ask('quorum', node(false))).toBe('refused');
  });

  test.for<{ why: string; etcd: string; ready: boolean; ill: number; answer: GateAnswer['answer'] }>([
    {
      why: 'etcd has failed on it and the two others have the quorum',
      etcd: 'Failed',
      ready: false,
      ill: 0,
      answer: 'allowed',
    },
    { why: 'another one is ill too', etcd: 'Failed', ready: false, ill: 3, answer: 'refused' },
    { why: 'etcd only waits and may join at any moment', etcd: 'Waiting', ready: false, ill: 0, answer: 'refused' },
    { why: 'it calls itself ready all the same', etcd: 'Failed', ready: true, ill: 0, answer: 'refused' },
  ])('a node that does not say which member it is, $why: $answer', ({ etcd, ready, ill, answer }) => {
    const { evidence: seen } = cluster(3, (n) => ({ isSilent: n === 1 || n === ill }));
    if (seen === undefined) throw new Error('no evidence');
    const services = ok([{ id: 'etcd', state: etcd, health: 'unknown' as const, lastMessage: '', events: [] }]);
    const machineStatus = ok({ stage: 'booting' as const, ready, unmetConditions: [] });
    const { etcdLocalMember: _, ...readings } = seen.readings;
    const down = { ...seen, readings: { ...readings, services, machineStatus } };
    expect(ask('quorum', reboot({ evidence: down, controlPlanes: 3 }))).toBe(answer);
  });

  const failedHere = {
    services: ok([{ id: 'etcd', state: 'Failed', health: 'unknown' as const, lastMessage: '', events: [] }]),
    machineStatus: ok({ stage: 'booting' as const, ready: false, unmetConditions: [] }),
  };
  const reset = { ...actionTraits.reset_ephemeral };
  const defragment = actionTraits.defragment_etcd;
  const alarmed = () => ({ errors: ['memberID:1001 alarm:NOSPACE '] });
  const onlyOne = { ...cluster(1), limits: Limits.parse({ singleControlPlane: 'allow' }) };

  test.for<{ why: string; facts: Partial<GateFacts>; answer: GateAnswer['answer'] }>([
    { why: 'one of two whose etcd has failed may boot again', facts: ill(cluster(2)), answer: 'allowed' },
    { why: 'one of two is never wiped', facts: { ...ill(cluster(2)), action: reset }, answer: 'refused' },
    { why: 'the only one is never wiped', facts: { ...onlyOne, action: reset }, answer: 'refused' },
    { why: 'one of three is wiped while two vote', facts: { ...cluster(3), action: reset }, answer: 'allowed' },
    { why: 'all report the alarm, and vote', facts: { ...cluster(3, alarmed), action: defragment }, answer: 'allowed' },
    { why: 'no reboot while the alarm is on', facts: cluster(3, alarmed), answer: 'refused' },
    {
      why: 'an alarm and no leader is no vote',
      facts: { ...cluster(3, (n) => ({ ...alarmed(), ...(n === 3 ? { leader: '0' } : {}) })), action: defragment },
      answer: 'refused',
    },
    { why: 'two voters stop neither etcd', facts: { ...cluster(2, alarmed), action: defragment }, answer: 'refused' },
  ])('$why: $answer', ({ facts, answer }) => {
    expect(ask('quorum', reboot(facts))).toBe(answer);
  });
  function ill(facts: Partial<GateFacts>): Partial<GateFacts> {
    const { evidence: seen } = facts;
    return seen ? { ...facts, evidence: { ...seen, readings: { ...seen.readings, ...failedHere } } } : facts;
  }

  test.for(quorumCases)('$why: $answer', ({ facts, answer }) => {
    expect(ask('quorum', reboot(facts))).toBe(answer);
  });
});

test.for([
  { answers: ['allowed', 'allowed'], overall: 'allowed' },
  { answers: ['allowed', 'deferred'], overall: 'deferred' },
  { answers: ['deferred', 'refused', 'allowed'], overall: 'refused' },
] as const)('$answers together are $overall', ({ answers, overall: expected }) => {
  expect(overall(answers.map((answer) => ({ gate: 'role', answer, because: '', facts: [] })))).toBe(expected);
});

test.for<{ why: string; planned: Partial<NonNullable<GateFacts['planned']>>; hasBegun?: boolean; says: string }>([
  { why: 'as planned', planned: {}, says: 'known machine' },
  { why: 'another node', planned: { node: 'cp-2' }, says: 'The plan is for cp-2' },
  { why: 'another cluster', planned: { cluster: 'prod' }, says: 'of prod, which this is not' },
  { why: 'another role', planned: { role: 'worker' }, says: '(worker)' },
  { why: 'another boot', planned: { boot: 'time:1' }, says: 'has booted since' },
  { why: 'a boot that cannot be compared', planned: { boot: 'spki:abc' }, says: 'Nothing tells' },
  { why: 'a step after its own reboot', planned: { boot: undefined }, says: 'known machine' },
  { why: 'other facts', planned: { digestNow: 'b' }, says: 'has changed since' },
  { why: 'other facts after its own call', planned: { digestNow: 'b' }, hasBegun: true, says: 'known machine' },
])('a plan meets $why: $says', ({ planned, hasBegun = false, says }) => {
  const boot = `time:${EARLIER_BOOT_S}`;
  const frozen = { cluster: 'test', node: 'cp-1', role: 'controlplane' as const, boot, digest: 'a', digestNow: 'a' };
  const answer = answerOf('proven_target', reboot({ planned: { ...frozen, actorIds: [], ...planned }, hasBegun }));
  expect(answer.because).toContain(says);
  expect(answer.answer).toBe(says === 'known machine' ? 'allowed' : 'refused');
});
