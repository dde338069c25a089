import fc from 'fast-check';
import { expect, test } from 'vitest';
import { actionTraits } from '../../lib/actions/traits.ts';
import type { Evidence, PeerEvidence, Readings } from '../../lib/evidence/evidence.ts';
import type { GateFacts } from '../../lib/safety/facts.ts';
import { overall, runGates } from '../../lib/safety/gates.ts';
import { Limits } from '../../lib/safety/limits.ts';
import {
  AT,
  etcdStatus,
  failed,
  inMaintenance,
  MEMBERS,
  ok,
  otherHardware,
  partitions,
  running,
  STATE_UUID,
  silent,
  stateVolume,
} from '../playbooks/build-evidence.ts';
import { other, reboot, record, stored } from './facts.ts';

type Change = (facts: GateFacts) => GateFacts;
const seen = (change: (evidence: Evidence) => Evidence): Change => {
  return (facts) => ({ ...facts, evidence: change(facts.evidence) });
};
const reads = (readings: Readings) => seen((one) => ({ ...one, readings: { ...one.readings, ...readings } }));
const peers = (change: (one: PeerEvidence) => PeerEvidence) =>
  seen((one) => ({ ...one, peers: one.peers.map(change) }));
const cp2 = (change: Partial<PeerEvidence>) => peers((one) => (one.node === 'cp-2' ? { ...one, ...change } : one));
const known = (change: Parameters<typeof record>[0]): Change => {
  return (facts) => (facts.record.known === 'no' ? facts : { ...facts, record: { ...facts.record, ...change } });
};
const limited =
  (limits: object): Change =>
  (facts) => ({ ...facts, limits: Limits.parse(limits) });

/** What every action asks for, on a machine on which it is allowed. */
const whole = {
  volumes: ok([stateVolume('ready', STATE_UUID)]),
  discoveredVolumes: ok(partitions(['STATE', 'EPHEMERAL'])),
};
const actions = Object.values(actionTraits);
function allowedFor(action: GateFacts['action']): GateFacts {
  const silentSince = '2026-03-01T11:50:00.000Z';
  if (action.calls === 'peer') {
    return reboot({ action, evidence: silent('connection_timeout'), record: record({ silentSince }) });
  }
  return reboot({ action, evidence: action.startsIn === 'maintenance' ? inMaintenance(whole) : running(whole) });
}

test.for(actions)('$name is allowed on a machine where nothing speaks against it', (action) => {
  const answers = runGates(allowedFor(action));
  expect(answers.filter(({ answer }) => answer !== 'allowed')).toEqual([]);
});

const sequence = { id: '1', actorId: 'x', sequence: 'upgrade', action: 'START' as const };
const learner = MEMBERS.map((one) => (one.id === '1003' ? { ...one, isLearner: true } : one));
const planned = { cluster: 'test', node: 'cp-1', role: 'controlplane' as const, actorIds: [] };
const lists = (members: typeof MEMBERS) => (facts: GateFacts) =>
  reads({ etcdMembers: ok(members) })(peers((one) => ({ ...one, etcdMembers: ok(members) }))(facts));

/** Each of them is a reason for somebody to say no. */
const troubles: Readonly<Record<string, Change>> = {
  stage: reads({ machineStatus: ok({ stage: 'upgrading', ready: false, unmetConditions: [] }) }),
  machine: reads(otherHardware),
  role: reads({ machineType: ok('worker') }),
  sequence: reads({ sequences: ok([sequence]) }),
  frozen: known({ freeze: { by: 'somebody', reason: 'because', at: AT } }),
  storm: known({ storm: { state: 'active', until: AT, nodes: ['w-1', 'w-2', 'w-3'] } }),
  cooling: known({ storm: { state: 'cooling', until: AT, nodes: [] } }),
  repeated: known({ past: actions.flatMap(({ name }) => Array.from({ length: 5 }, () => ({ action: name, at: AT }))) }),
  window: limited({
    changeWindows: [{ from: '01:00', to: '02:00', timeZone: 'UTC', riskAtLeast: 'R1' }],
  }),
  held: (facts) => ({ ...facts, lease: { state: 'held', by: 'reboot', node: 'cp-2', isDryRun: false } }),
  stale: (facts) => ({ ...facts, lease: { state: 'stale', by: 'reboot', node: 'cp-2', since: AT } }),
  observing: (facts) => ({ ...facts, playbookStage: 'observe' }),
  credential: (facts) => ({ ...facts, hasIdentity: 'no' }),
  stranger: (facts) => ({ ...facts, entry: undefined }),
  old: (facts) => ({ ...facts, now: '2026-03-01T13:00:00.000Z' }),
  config: (facts) => ({ ...facts, storedConfig: { known: 'yes', info: undefined } }),
  foreignConfig: (facts) => ({ ...facts, storedConfig: { known: 'yes', info: { ...stored, machineUuid: 'x' } } }),
  moved: (facts) => ({ ...facts, planned: { ...planned, boot: undefined, digest: 'a', digestNow: 'b' } }),
  booted: (facts) => ({ ...facts, planned: { ...planned, boot: 'time:1', digest: 'a', digestNow: 'a' } }),
  peerUpgrades: cp2({ machineStatus: ok({ stage: 'upgrading', ready: false }) }),
  peerIsIll: cp2({ machineStatus: ok({ stage: 'running', ready: false }) }),
  peerErrs: cp2({ etcdStatus: ok({ ...etcdStatus('1002'), errors: ['etcdserver: no leader'] }) }),
  peerIsLost: cp2({ etcdStatus: ok({ ...etcdStatus('1002'), leader: '0' }) }),
  peerHasIncident: known({ others: [other('cp-2', { incident: 'unhealthy' }), other('cp-3')] }),
  peerIsTooNew: known({ others: [other('cp-2', { version: 'v1.99.0' }), other('cp-3')] }),
  learner: lists(learner),
  twoVoters: lists(MEMBERS.slice(0, 2)),
  silentOnlyNow: known({ silentSince: undefined }),
  tooFew: limited({ minHealthy: { controlplane: 3 } }),
};

const READINGS = Object.keys({ ...running(whole).readings, ...inMaintenance(whole).readings });
/** A fact is not there, or is old. In maintenance mode a version may be assumed, so that one is not taken away there. */
const losses: Readonly<Record<string, Change>> = {
  ...Object.fromEntries(READINGS.map((name) => [`no ${name}`, reads({ [name]: failed() })])),
  ...Object.fromEntries(
    (['members', 'etcdMembers', 'etcdStatus', 'machineStatus'] as const).flatMap((name) => [
      [`no ${name} of cp-2`, cp2({ [name]: failed() })],
      [`no ${name} of anybody`, peers((one) => ({ ...one, [name]: failed() }))],
    ]),
  ),
  'nothing of cp-2': seen((one) => ({ ...one, peers: one.peers.filter(({ node }) => node !== 'cp-2') })),
  'nobody else': seen((one) => ({ ...one, peers: [] })),
  'no record': (facts) => ({ ...facts, record: { known: 'no' } }),
  'no stored config': (facts) => ({ ...facts, storedConfig: { known: 'no' } }),
  'no word of the identity': (facts) => ({ ...facts, hasIdentity: 'unknown' }),
  'no word of the lease': (facts) => ({ ...facts, lease: { state: 'unknown' } }),
  'no entry': (facts) => ({ ...facts, entry: undefined }),
  'an hour later': (facts) => ({ ...facts, now: '2026-03-01T14:00:00.000Z' }),
};

const answer = (facts: GateFacts) => overall(runGates(facts));
const apply = (facts: GateFacts, changes: readonly Change[]) => changes.reduce((one, change) => change(one), facts);
const someOf = (changes: Readonly<Record<string, Change>>, maxLength: number) =>
  fc.subarray(Object.keys(changes), { minLength: 1, maxLength });
const named = (changes: Readonly<Record<string, Change>>, names: readonly string[]) =>
  names.flatMap((name) => changes[name] ?? []);

test('every one of the troubles keeps some action back', () => {
  const idle = Object.entries(troubles).filter(([, trouble]) =>
    actions.every((action) => answer(trouble(allowedFor(action))) === 'allowed'),
  );
  expect(idle.map(([name]) => name)).toEqual([]);
});

test('what is refused or deferred is not allowed by knowing less', () => {
  let kept = 0;
  fc.assert(
    fc.property(fc.constantFrom(...actions), someOf(troubles, 3), someOf(losses, 4), (action, wrong, lost) => {
      const before = apply(allowedFor(action), named(troubles, wrong));
      if (answer(before) === 'allowed') return;
      kept += 1;
      expect(answer(apply(before, named(losses, lost)))).not.toBe('allowed');
    }),
    { numRuns: 3000 },
  );
  expect(kept).toBeGreaterThan(1000);
});

test('each trouble alone outlasts the loss of each fact', () => {
  for (const action of actions) {
    for (const [trouble, goesWrong] of Object.entries(troubles)) {
      const before = goesWrong(allowedFor(action));
      if (answer(before) === 'allowed') continue;
      for (const [loss, loses] of Object.entries(losses)) {
        expect(answer(loses(before)), `${action.name}: ${trouble}, ${loss}`).not.toBe('allowed');
      }
    }
  }
});
