import { describe, expect, test } from 'vitest';
import { forfeitEtcdLeadership, forfeitEtcdLeadershipJudge } from '../../lib/actions/forfeit-etcd-leadership.ts';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import { err, ok } from '../../lib/result.ts';
import type { TalosErrorCode } from '../../lib/talos/talos-error.ts';
import { planOf } from '../incidents/events.ts';
import { etcdStatus, failed, inventory, MEMBERS, peer, ok as read, running } from '../playbooks/build-evidence.ts';
import { context, target, wrong } from './plan-context.ts';

/** `leader` as each of cp-1, cp-2 and cp-3 says it. */
function led([one, two, three]: readonly [string, string, string], members = MEMBERS): Evidence {
  const by = (id: string, leader: string) => read({ ...etcdStatus(id), leader });
  const peers = [peer('cp-2', { etcdStatus: by('1002', two) }), peer('cp-3', { etcdStatus: by('1003', three) })];
  return running({ etcdStatus: by('1001', one), etcdMembers: read(members) }, { peers });
}
const leads = led(['1001', '1001', '1001']);
const moved = led(['1002', '1002', '1002']);

function forfeiting(reply: TalosErrorCode | 'ok' = 'ok') {
  const calls: string[] = [];
  const action = forfeitEtcdLeadership({
    etcdForfeitLeadership: async ({ name }) => {
      calls.push(name);
      return reply === 'ok' ? ok({ newLeader: 'cp-2' }) : err(wrong(reply));
    },
  });
  return { action, calls };
}
const drafted = (evidence: Evidence, parameters = {}) => forfeiting().action.plan(context({ evidence, parameters }));
const step = { n: 1, method: 'EtcdForfeitLeadership', request: { to: '1002' }, probe: '', deadlineMs: 5 } as const;

describe('the plan', () => {
  test('names who leads afterwards: the first other member of the list', async () => {
    const draft = await drafted(leads);
    expect(draft.ok && draft.value.steps[1]).toMatchObject({
      method: 'EtcdForfeitLeadership',
      request: { to: '1002' },
    });
    expect(draft.ok && draft.value.details).toEqual([{ label: 'etcd leader', text: 'cp-1, afterwards cp-2' }]);
  });

  test.for([
    { of: 'a follower', evidence: moved, because: 'cp-1 does not lead etcd any more' },
    {
      of: 'a learner that would inherit',
      evidence: led(
        ['1001', '1001', '1001'],
        MEMBERS.map((one) => ({ ...one, isLearner: one.id === '1002' })),
      ),
      because: 'which is a learner',
    },
    { of: 'an heir without a leader', evidence: led(['1001', '0', '1001']), because: 'does not say that it is well' },
    { of: 'the only member', evidence: led(['1001', '1001', '1001'], MEMBERS.slice(0, 1)), because: 'No other' },
    { of: 'parameters', evidence: leads, parameters: { to: 'cp-2' }, because: 'takes no parameters' },
  ])('there is none for $of', async ({ evidence, parameters, because }) => {
    const draft = await drafted(evidence, parameters);
    expect(draft).toMatchObject({ ok: false, error: { because: expect.stringContaining(because) } });
  });
});

describe('the call', () => {
  const run = async (evidence: Evidence, reply: TalosErrorCode | 'ok' = 'ok') => {
    const { action, calls } = forfeiting(reply);
    const { outcome } = await action.execute(step, planOf(), target, { evidence, results: {} });
    return { outcome, calls };
  };

  test('is made once, to the leader', async () => {
    expect(await run(leads)).toEqual({ outcome: 'done', calls: ['cp-1'] });
    expect(await run(leads, 'deadline_exceeded')).toEqual({ outcome: 'unknown', calls: ['cp-1'] });
    expect(await run(leads, 'permission_denied')).toEqual({ outcome: 'refused', calls: ['cp-1'] });
  });

  test('is not made where another one leads already, or another one would', async () => {
    expect(await run(moved)).toEqual({ outcome: 'done', calls: [] });
    expect(await run(led(['1001', '1001', '1001'], MEMBERS.toReversed()))).toEqual({ outcome: 'refused', calls: [] });
    expect(await run(led(['1001', '0', '1001']))).toEqual({ outcome: 'refused', calls: [] });
  });
});

test('whether it arrived', () => {
  const probe = (evidence: Evidence, deadlinePassed: boolean) =>
    forfeitEtcdLeadershipJudge.probe(step, planOf(), { evidence, entry: inventory, deadlinePassed, results: {} })
      .answer;
  expect(probe(moved, false)).toBe('arrived');
  expect(probe(leads, false)).toBe('unknown');
  expect(probe(leads, true)).toBe('not_arrived');
  expect(probe(led(['0', '0', '0']), true)).toBe('unknown');
  expect(probe(running({ etcdStatus: failed() }), true)).toBe('unknown');
});

test('verified when another one leads, and every voter says so', () => {
  const answers = (evidence: Evidence) =>
    forfeitEtcdLeadershipJudge
      .verify(planOf(), { evidence, entry: inventory, findings: [] })
      .map(({ answer, says }) => `${answer}: ${says}`);
  expect(answers(moved)).toEqual(['yes: another leads', 'yes: 3 of 3 voters follow one leader']);
  expect(answers(leads)[0]).toBe('no: itself leads');
  expect(answers(led(['1002', '1002', '1003']))[1]).toBe('no: 3 of 3 voters follow different leaders');
  expect(answers(led(['1002', '0', '1002']))[1]).toBe('no: 2 of 3 voters follow one leader');
  expect(answers(running({ etcdStatus: failed() }))[0]).toBe('unknown: its etcd does not say who leads');
});
