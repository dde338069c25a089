import { expect, test } from 'vitest';
import { disarmEtcdAlarm, disarmEtcdAlarmJudge } from '../../lib/actions/disarm-etcd-alarm.ts';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import { ok } from '../../lib/result.ts';
import { planOf } from '../incidents/events.ts';
import { failed, inventory, nospace, ok as read, running } from '../playbooks/build-evidence.ts';
import { context, target } from './plan-context.ts';

const GIB = 1024 ** 3;
const defragmented = nospace(0.8, {}, GIB / 4);

function disarming() {
  const calls: string[] = [];
  const action = disarmEtcdAlarm({
    etcdDisarmAlarms: async ({ name }) => {
      calls.push(name);
      return ok(undefined);
    },
  });
  return { action, calls };
}

test('one call to the node, where the files are small again', async () => {
  const { action, calls } = disarming();
  const draft = await action.plan(context({ evidence: defragmented }));
  if (!draft.ok) throw new Error(draft.error.because);
  expect(draft.value.steps.map(({ method, node }) => [method, node])).toEqual([
    ['collect_evidence', undefined],
    ['EtcdAlarmDisarm', undefined],
  ]);
  expect(draft.value.details).toContainEqual({ label: 'File of cp-2', text: '0.25 GiB, 0.20 GiB in use' });
  const step = draft.value.steps[1];
  if (step === undefined) throw new Error('no step');
  const plan = planOf({ action: 'disarm_etcd_alarm', ...draft.value });
  expect(await action.execute(step, plan, target, { evidence: defragmented, results: {} })).toMatchObject({
    outcome: 'done',
  });
  expect(calls).toEqual(['cp-1']);
});

const [first, ...others] = defragmented.peers;
test.for<{ of: string; evidence: Evidence; because: string }>([
  { of: 'files that are full', evidence: nospace(0.1), because: 'the next write would raise the alarm again' },
  { of: 'an alarm that is gone', evidence: running(), because: 'No alarm NOSPACE is on any more' },
  {
    of: 'a file that could not be read',
    evidence: { ...defragmented, peers: first ? [{ ...first, etcdStatus: failed<never>() }, ...others] : [] },
    because: 'cp-2 did not say how large the etcd file is',
  },
  {
    of: 'a corrupt member, whose alarm would be lost as well',
    evidence: {
      ...defragmented,
      peers: defragmented.peers.map((peer) =>
        peer.etcdStatus.ok
          ? {
              ...peer,
              etcdStatus: read({
                ...peer.etcdStatus.value,
                errors: [...peer.etcdStatus.value.errors, 'memberID:1003 alarm:CORRUPT '],
              }),
            }
          : peer,
      ),
    },
    because: 'alarm CORRUPT too',
  },
])('no plan for $of', async ({ evidence, because }) => {
  const { action, calls } = disarming();
  const draft = await action.plan(context({ evidence }));
  expect(draft).toMatchObject({ ok: false, error: { because: expect.stringContaining(because) } });
  expect(calls).toEqual([]);
});

test('verified when no member reports the alarm', () => {
  const check = (evidence: Evidence) =>
    disarmEtcdAlarmJudge.verify(planOf(), { evidence, entry: inventory, findings: [] })[0];
  expect(check(defragmented)).toMatchObject({ name: 'Alarm NOSPACE', answer: 'no' });
  expect(check(running())).toMatchObject({ answer: 'yes' });
  expect(check(running({ etcdStatus: failed() }))).toMatchObject({ answer: 'unknown' });
});
