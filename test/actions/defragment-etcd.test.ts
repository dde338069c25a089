import { describe, expect, test } from 'vitest';
import type { ProbeFacts } from '../../lib/actions/action.ts';
import { defragmentEtcd, defragmentEtcdJudge } from '../../lib/actions/defragment-etcd.ts';
import type { Plan, Step } from '../../lib/approvals/plan.ts';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import { err, ok } from '../../lib/result.ts';
import type { TalosErrorCode } from '../../lib/talos/talos-error.ts';
import { planOf } from '../incidents/events.ts';
import { etcdStatus, failed, inventory, NOSPACE_ERRORS, ok as read } from '../playbooks/build-evidence.ts';
import { FULL, etcdFiles as files, GIB, SMALL } from './etcd-evidence.ts';
import { context, target, wrong } from './plan-context.ts';

const allFull = files([FULL, FULL, FULL]);

/** Records which member is written anew, and when the alarm is disarmed. */
function upkeep(reply: TalosErrorCode | 'ok' = 'ok') {
  const calls: string[] = [];
  const sent = async (what: string) => {
    calls.push(what);
    return reply === 'ok' ? ok(undefined) : err(wrong(reply));
  };
  const action = defragmentEtcd({
    etcdDefragment: ({ name }) => sent(`defragment ${name}`),
    etcdDisarmAlarms: ({ name }) => sent(`disarm ${name}`),
  });
  return { action, calls };
}

const drafted = async (evidence: Evidence, parameters = {}) => upkeep().action.plan(context({ evidence, parameters }));
async function planned(evidence: Evidence): Promise<Plan> {
  const draft = await drafted(evidence);
  if (!draft.ok) throw new Error(draft.error.because);
  return planOf({ action: 'defragment_etcd', ...draft.value });
}
const stepOf = (plan: Plan, n: number): Step => {
  const step = plan.steps.find((one) => one.n === n);
  if (step === undefined) throw new Error(`no step ${n}`);
  return step;
};

describe('the plan', () => {
  test('takes followers first, the leader last, each on its own node, and then the alarm', async () => {
    const { steps } = await planned(allFull);
    expect(steps.map(({ n, method, node, request }) => [n, method, node ?? 'cp-1', request])).toEqual([
      [0, 'collect_evidence', 'cp-1', { what: 'kernel log, services, events' }],
      [1, 'EtcdDefragment', 'cp-1', { memberId: '1001', bytesBefore: 2_147_483_648 }],
      [2, 'EtcdDefragment', 'cp-3', { memberId: '1003', bytesBefore: 2_147_483_648 }],
      [3, 'EtcdDefragment', 'cp-2', { memberId: '1002', bytesBefore: 2_147_483_648 }],
      [4, 'EtcdAlarmDisarm', 'cp-1', {}],
    ]);
  });

  test('tells sizes before and after, who stands still, and what stays', async () => {
    const { details, consequences } = await planned(allFull);
    expect(details[0]).toEqual({ label: 'File of cp-1', text: '2.00 GiB, 0.25 GiB in use; about 0.25 GiB afterwards' });
    expect(consequences[0]).toContain('cp-1, then cp-3, then cp-2 (the leader), one at a time');
    expect(consequences[1]).toContain('2 of 3 voters keep etcd going');
    expect(consequences.at(-1)).toBe('No data is lost, and nothing reboots.');
  });

  test('leaves members alone that have no holes, and the alarm where there is none', async () => {
    const { steps, details } = await planned(files([SMALL, FULL, SMALL], []));
    expect(steps.map(({ method, node }) => [method, node])).toEqual([
      ['collect_evidence', undefined],
      ['EtcdDefragment', 'cp-2'],
    ]);
    expect(details).toContainEqual({ label: 'Left alone: cp-1', text: '0.25 GiB, 0.25 GiB in use: too few holes' });
  });

  test('says of a single control plane that the API stands still', async () => {
    const one = files([FULL, FULL, FULL], NOSPACE_ERRORS, '1001');
    const members = one.readings.etcdMembers;
    const alone = members?.ok ? { ...members, value: members.value.slice(0, 1) } : failed<never>();
    const { consequences, steps } = await planned({
      ...one,
      peers: [],
      readings: { ...one.readings, etcdMembers: alone },
    });
    expect(steps.map(({ method }) => method)).toEqual(['collect_evidence', 'EtcdDefragment', 'EtcdAlarmDisarm']);
    expect(consequences[1]).toContain('the Kubernetes API stands still meanwhile');
  });

  test.for([
    { of: 'a member that does not say its size', evidence: files([FULL, FULL, null]), because: 'cp-3 did not say' },
    { of: 'files that are really full', evidence: files([[2, 1.9], FULL, FULL]), because: 'really in use' },
    { of: 'files without holes', evidence: files([SMALL, SMALL, SMALL], []), because: 'No etcd file has holes' },
    {
      of: 'another alarm',
      evidence: files([FULL, FULL, FULL], ['memberID:1001 alarm:CORRUPT ']),
      because: 'alarm CORRUPT',
    },
    {
      of: 'a voter that has lost its leader',
      evidence: {
        ...allFull,
        peers: allFull.peers.map((peer, at) =>
          at === 0 ? peer : { ...peer, etcdStatus: read({ ...etcdStatus('1003'), leader: '0', errors: [] }) },
        ),
      },
      because: '1 of 3 etcd voters would be left, 2 are needed',
    },
    {
      of: 'a disk too full for the new file',
      evidence: {
        ...allFull,
        readings: {
          ...allFull.readings,
          mounts: read([{ filesystem: '/dev/sda5', mountedOn: '/var', sizeBytes: 9 * GIB, availableBytes: GIB / 8 }]),
        },
      },
      because: '/var of cp-1 has 0.13 GiB free',
    },
  ])('there is none for $of', async ({ evidence, because }) => {
    expect(await drafted(evidence)).toMatchObject({ ok: false, error: { because: expect.stringContaining(because) } });
  });

  test('there is none where another member answers at the address of a control plane', async () => {
    const [cp2, cp3] = allFull.peers;
    if (cp2 === undefined || cp3 === undefined) throw new Error('the peers are gone');
    const swapped = {
      ...allFull,
      peers: [
        { ...cp3, node: 'cp-2' },
        { ...cp2, node: 'cp-3' },
      ],
    };
    expect(await drafted(swapped)).toMatchObject({
      ok: false,
      error: { because: expect.stringContaining('cp-3 answers') },
    });
  });

  test('there is none with parameters that nobody knows', async () => {
    expect(await drafted(allFull, { node: 'cp-2' })).toMatchObject({ ok: false });
    expect(defragmentEtcdJudge.about({ node: 'cp-2' })).toMatchObject({ ok: false });
    expect(defragmentEtcdJudge.about({})).toEqual({ ok: true, value: '' });
  });
});

describe('the calls', () => {
  const peerOf = (name: string) => ({ ...target, name });
  const run = async (n: number, evidence: Evidence, reply: TalosErrorCode | 'ok' = 'ok') => {
    const { action, calls } = upkeep(reply);
    const plan = await planned(allFull);
    const step = stepOf(plan, n);
    const outcome = await action.execute(step, plan, peerOf(step.node ?? 'cp-1'), { evidence, results: {} });
    return { outcome, calls };
  };

  test('go to the node of the step, once', async () => {
    expect(await run(2, files([SMALL, FULL, FULL]))).toEqual({
      outcome: { outcome: 'done', because: 'etcd on cp-3 has written its file anew.' },
      calls: ['defragment cp-3'],
    });
    expect(await run(4, files([SMALL, SMALL, SMALL]))).toMatchObject({ calls: ['disarm cp-1'] });
  });

  test('are not made to another member than the plan names', async () => {
    const [cp2, cp3] = allFull.peers;
    if (cp2 === undefined || cp3 === undefined) throw new Error('the peers are gone');
    const swapped = {
      ...allFull,
      peers: [
        { ...cp3, node: 'cp-2' },
        { ...cp2, node: 'cp-3' },
      ],
    };
    expect(await run(2, swapped)).toMatchObject({ outcome: { outcome: 'refused' }, calls: [] });
  });

  test('are not made where somebody was faster', async () => {
    expect(await run(2, files([SMALL, FULL, SMALL]))).toMatchObject({ outcome: { outcome: 'done' }, calls: [] });
    expect(await run(4, files([SMALL, SMALL, SMALL], []))).toMatchObject({ outcome: { outcome: 'done' }, calls: [] });
  });

  test.for([
    { n: 1, of: 'a follower that leads by now', evidence: files([FULL, FULL, FULL], NOSPACE_ERRORS, '1001') },
    { n: 1, of: 'a member that does not answer', evidence: files([null, FULL, FULL]) },
    { n: 2, of: 'a member while another one is away', evidence: files([null, FULL, FULL]) },
    { n: 4, of: 'an alarm whose cause remains', evidence: files([SMALL, FULL, SMALL]) },
    { n: 4, of: 'an alarm while a file cannot be read', evidence: files([SMALL, SMALL, null]) },
  ])('are refused for $of', async ({ n, evidence }) => {
    expect(await run(n, evidence)).toMatchObject({ outcome: { outcome: 'refused' }, calls: [] });
  });

  test('a lost reply is unknown, a no is a no', async () => {
    expect(await run(1, allFull, 'deadline_exceeded')).toMatchObject({ outcome: { outcome: 'unknown' } });
    expect(await run(4, files([SMALL, SMALL, SMALL]), 'connection_reset')).toMatchObject({
      outcome: { outcome: 'unknown' },
    });
    expect(await run(1, allFull, 'permission_denied')).toMatchObject({ outcome: { outcome: 'refused' } });
  });
});

describe('whether a call arrived', () => {
  const probe = async (n: number, evidence: Evidence, deadlinePassed: ProbeFacts['deadlinePassed']) => {
    const plan = await planned(allFull);
    return defragmentEtcdJudge.probe(stepOf(plan, n), plan, { evidence, deadlinePassed, entry: inventory, results: {} })
      .answer;
  };

  test('a smaller file on that member shows it, one on another does not', async () => {
    expect(await probe(2, files([FULL, FULL, SMALL]), false)).toBe('arrived');
    expect(await probe(2, files([SMALL, FULL, FULL]), false)).toBe('unknown');
  });

  test('a file as large as before: not before the deadline of the call', async () => {
    expect(await probe(1, allFull, false)).toBe('unknown');
    expect(await probe(1, allFull, true)).toBe('not_arrived');
  });

  test('a member that answers nobody may be at it', async () => {
    expect(await probe(1, files([null, FULL, FULL]), true)).toBe('unknown');
  });

  test('the alarm: gone, still on, or not readable', async () => {
    expect(await probe(4, files([SMALL, SMALL, SMALL], []), false)).toBe('arrived');
    expect(await probe(4, files([SMALL, SMALL, SMALL]), false)).toBe('unknown');
    expect(await probe(4, files([SMALL, SMALL, SMALL]), true)).toBe('not_arrived');
    expect(await probe(4, files([SMALL, SMALL, null], []), true)).toBe('unknown');
  });
});

describe('verified', () => {
  const checksOf = async (evidence: Evidence) =>
    Object.fromEntries(
      defragmentEtcdJudge
        .verify(await planned(allFull), { evidence, entry: inventory, findings: [] })
        .map(({ name, answer, says }) => [name, `${answer}: ${says}`]),
    );

  test('when every file is smaller, the alarm gone, and all follow one leader', async () => {
    expect(await checksOf(files([SMALL, SMALL, SMALL], []))).toMatchObject({
      'etcd file of cp-1': 'yes: 2.00 GiB before, 0.25 GiB now',
      'etcd file of cp-2': 'yes: 2.00 GiB before, 0.25 GiB now',
      'etcd file of cp-3': 'yes: 2.00 GiB before, 0.25 GiB now',
      'Alarm NOSPACE': 'yes: no member reports it',
      'etcd leader': 'yes: 3 of 3 voters follow one',
    });
  });

  test('not while one is as large as before, the alarm on, or one does not answer', async () => {
    expect(await checksOf(files([SMALL, FULL, null]))).toMatchObject({
      'etcd file of cp-2': 'no: 2.00 GiB before, 2.00 GiB now',
      'etcd file of cp-3': 'unknown: not readable yet',
      'Alarm NOSPACE': 'no: still on: cp-1, cp-2 and 1003',
      'etcd leader': 'unknown: the etcd of cp-3 did not answer',
    });
  });
});
