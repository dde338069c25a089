import { describe, expect, test } from 'vitest';
import type { Snapshots } from '../../lib/actions/etcd-snapshot.ts';
import { removeEtcdMember, removeEtcdMemberJudge } from '../../lib/actions/remove-etcd-member.ts';
import type { Plan, Step } from '../../lib/approvals/plan.ts';
import type { Evidence, PeerEvidence } from '../../lib/evidence/evidence.ts';
import { err, ok } from '../../lib/result.ts';
import type { TalosErrorCode } from '../../lib/talos/talos-error.ts';
import { planOf } from '../incidents/events.ts';
import {
  etcdStatus,
  failed,
  inventory,
  MEMBERS,
  member,
  peer,
  ok as read,
  silent,
} from '../playbooks/build-evidence.ts';
import { context, target, wrong } from './plan-context.ts';

const [cp1, cp2, cp3] = MEMBERS;
if (cp1 === undefined || cp2 === undefined || cp3 === undefined) throw new Error('three members are needed');
const gone: Evidence = silent('no_route');
const listing = (...members: readonly (typeof cp1)[]): Evidence =>
  silent('no_route', [peer('cp-2', { etcdMembers: read(members) }), peer('cp-3', { etcdMembers: read(members) })]);
const removed = listing(cp2, cp3);

const noSnapshots: Snapshots = {
  talos: { etcdSnapshot: async () => err(wrong('connection_reset')) },
  keys: { create: async () => err('KMS does not answer.') },
  vault: { begin: async () => err('No bucket.') },
};
function removing(reply: TalosErrorCode | 'ok' = 'ok') {
  const calls: string[] = [];
  const etcdRemoveMember = async ({ name }: { name: string }, { memberId }: { memberId: string }) => {
    calls.push(`${memberId} by ${name}`);
    return reply === 'ok' ? ok(undefined) : err(wrong(reply));
  };
  return { action: removeEtcdMember({ etcdRemoveMember }, noSnapshots), calls };
}
const parameters = { memberId: '1001' };
const drafted = (evidence: Evidence, change = {}) =>
  removing().action.plan(context({ evidence, parameters, ...change }));
async function planned(): Promise<Plan> {
  const draft = await drafted(gone);
  if (!draft.ok) throw new Error(draft.error.because);
  return planOf({ action: 'remove_etcd_member', node: 'cp-1', ...draft.value });
}
const stepOf = (plan: Plan, n: number): Step => {
  const step = plan.steps.find((one) => one.n === n);
  if (step === undefined) throw new Error(`no step ${n}`);
  return step;
};

describe('the plan', () => {
  test('takes a snapshot, then has a survivor remove exactly this member', async () => {
    const { steps } = await planned();
    expect(steps.map(({ n, method, node }) => [n, method, node])).toEqual([
      [0, 'collect_evidence', undefined],
      [1, 'EtcdSnapshot', 'cp-3'],
      [2, 'EtcdRemoveMemberByID', 'cp-2'],
    ]);
    expect(steps[2]?.request).toEqual({ memberId: '1001', peerUrls: 'https://10.0.0.1:2380' });
  });

  test('says what cannot be undone, who takes the call, and etcd before and after', async () => {
    const { consequences, details } = await planned();
    expect(consequences[0]).toBe('etcd forgets cp-1. Nothing is sent to cp-1 itself; cp-2 takes the call.');
    expect(consequences[1]).toContain('its EPHEMERAL must be wiped before it joins as a new member');
    expect(consequences[2]).toBe('3 voters become 2: 2 are needed then, so etcd survives the loss of 0 more.');
    expect(details).toContainEqual({ label: 'Member', text: '3e9 at https://10.0.0.1:2380' }); // 1001 as talosctl has it
    expect(details.at(-1)).toMatchObject({ label: 'etcd snapshot first', text: expect.stringContaining('of cp-3') });
  });

  test.for([
    { of: 'a member that is gone already', evidence: removed, because: 'none to remove' },
    {
      of: 'a member that joined anew meanwhile',
      evidence: listing(member('9', 'cp-1', '10.0.0.1'), cp2, cp3),
      because: 'The etcd member of cp-1 is 9 by now',
    },
    { of: 'nobody who answers', evidence: silent('no_route', []), because: 'No control plane says' },
    {
      of: 'members that have no leader',
      evidence: silent(
        'no_route',
        ['cp-2', 'cp-3'].map((name) => peer(name, { etcdStatus: read({ ...etcdStatus('1002'), leader: '0' }) })),
      ),
      because: 'No control plane with a healthy etcd is left',
    },
  ])('there is none for $of', async ({ evidence, because }) => {
    expect(await drafted(evidence)).toMatchObject({ ok: false, error: { because: expect.stringContaining(because) } });
  });

  test.for([{}, { memberId: '0' }, { memberId: '3e9' }, { memberId: '1001', force: 'yes' }])(
    'there is none with parameters %j, and no offer',
    async (wanted) => {
      expect(await drafted(gone, { parameters: wanted })).toMatchObject({ ok: false });
      expect(removeEtcdMemberJudge.about(wanted)).toMatchObject({ ok: false });
    },
  );

  test('the offer names the member as talosctl does', () => {
    expect(removeEtcdMemberJudge.about({ memberId: '10170646751219205085' })).toEqual(ok('8d2565557666c3dd'));
  });
});

describe('the call', () => {
  const run = async (evidence: Evidence, reply: TalosErrorCode | 'ok' = 'ok', n = 2) => {
    const { action, calls } = removing(reply);
    const plan = await planned();
    const outcome = await action.execute(stepOf(plan, n), plan, { ...target, name: 'cp-2' }, { evidence, results: {} });
    return { outcome: outcome.outcome, calls };
  };

  test('is made once', async () => {
    expect(await run(gone)).toEqual({ outcome: 'done', calls: ['1001 by cp-2'] });
  });

  test('is not made when the member has another peer URL by now, or is gone', async () => {
    const moved = listing({ ...cp1, peerUrls: ['https://10.0.0.77:2380'] }, cp2, cp3);
    expect(await run(moved)).toEqual({ outcome: 'refused', calls: [] });
    expect(await run(removed)).toEqual({ outcome: 'refused', calls: [] });
  });

  test('a member that is not there is what was wanted; a no is a no; a lost reply is unknown', async () => {
    expect(await run(gone, 'not_found')).toMatchObject({ outcome: 'done' });
    expect(await run(gone, 'etcd_not_ready')).toMatchObject({ outcome: 'refused' });
    expect(await run(gone, 'deadline_exceeded')).toMatchObject({ outcome: 'unknown' });
  });

  test('the snapshot is refused as a whole when it cannot be kept', async () => {
    expect(await run(gone, 'ok', 1)).toEqual({ outcome: 'refused', calls: [] });
  });
});

describe('whether it arrived', () => {
  const probe = async (evidence: Evidence, deadlinePassed: boolean) => {
    const plan = await planned();
    return removeEtcdMemberJudge.probe(stepOf(plan, 2), plan, {
      evidence,
      deadlinePassed,
      entry: inventory,
      results: {},
    }).answer;
  };

  test('nobody lists it any more', async () => {
    expect(await probe(removed, false)).toBe('arrived');
  });

  test('one who lists it still is enough to doubt, until the deadline has passed', async () => {
    const split = silent('no_route', [peer('cp-2', { etcdMembers: read([cp2, cp3]) }), peer('cp-3')]);
    expect(await probe(split, false)).toBe('unknown');
    expect(await probe(gone, false)).toBe('unknown');
    expect(await probe(gone, true)).toBe('not_arrived');
  });

  test('nobody can say', async () => {
    const mute = ['cp-2', 'cp-3'].map((name) => peer(name, { etcdMembers: failed() }));
    expect(await probe(silent('no_route', mute), true)).toBe('unknown');
  });
});

describe('verified', () => {
  const answers = async (evidence: Evidence) =>
    removeEtcdMemberJudge
      .verify(await planned(), { evidence, entry: inventory, findings: [] })
      .map(({ name, answer, says }) => `${name}: ${answer}, ${says}`);

  test('when nobody lists it and the others follow one leader', async () => {
    expect(await answers(removed)).toEqual([
      'Member gone: yes, 2 of 2 control planes do not list it any more',
      'etcd voters: yes, 2 of 2 healthy',
    ]);
  });

  test('not while one lists it, or one of the others is not well', async () => {
    expect((await answers(gone))[0]).toBe('Member gone: no, 0 of 2 control planes do not list it any more');
    const ill: readonly PeerEvidence[] = [
      peer('cp-2', { etcdMembers: read([cp2, cp3]) }),
      peer('cp-3', {
        etcdMembers: read([cp2, cp3]),
        etcdStatus: failed(),
        machineStatus: read({ stage: 'running', ready: false }),
      }),
    ];
    expect((await answers(silent('no_route', ill)))[1]).toBe('etcd voters: no, 1 of 2 healthy');
    expect(await answers(silent('no_route', []))).toEqual([
      'Member gone: unknown, no control plane says who the members are',
      'etcd voters: unknown, not readable yet',
    ]);
  });
});
