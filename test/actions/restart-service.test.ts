import { describe, expect, test } from 'vitest';
import { restartService, restartServiceJudge } from '../../lib/actions/restart-service.ts';
import type { Step } from '../../lib/approvals/plan.ts';
import type { ServiceReading } from '../../lib/evidence/values.ts';
import { ok as done, err } from '../../lib/result.ts';
import type { TalosErrorCode } from '../../lib/talos/talos-error.ts';
import { planOf } from '../incidents/events.ts';
import { BOOT_S, EARLIER_BOOT_S, failed, inventory, ok, running } from '../playbooks/build-evidence.ts';
import { context, target, wrong } from './plan-context.ts';

type Change = ServiceReading['events'][number];
const STARTED: Change = { state: 'Running', message: 'Started task ext-nut', at: '2026-03-01T11:00:00.000Z' };
const serviceWith = (...events: readonly Change[]): ServiceReading => ({
  id: 'ext-nut',
  state: events.at(-1)?.state ?? 'Initialized',
  health: 'unknown',
  lastMessage: events.at(-1)?.message ?? '',
  events,
});
const seen = (...events: readonly Change[]) => {
  const evidence = running();
  const others = evidence.readings.services?.ok ? evidence.readings.services.value : [];
  return running({ services: ok([...others, serviceWith(...events)]) });
};
const plan = planOf({ action: 'restart_service', parameters: { service: 'ext-nut' }, boot: `time:${EARLIER_BOOT_S}` });
const step: Step = {
  n: 1,
  method: 'ServiceRestart',
  request: { service: 'ext-nut', lastEventAt: STARTED.at },
  probe: '',
  deadlineMs: 5,
};

/** Records what is sent. */
function restarting(reply: TalosErrorCode | 'ok' = 'ok') {
  const calls: string[] = [];
  const action = restartService({
    restartService: async (_target, { service }) => {
      calls.push(service);
      return reply === 'ok' ? done({ says: 'Service "ext-nut" restarted' }) : err(wrong(reply));
    },
  });
  return { action, calls };
}

describe('the plan', () => {
  test('freezes the service and the last thing that happened to it', async () => {
    const { action, calls } = restarting();
    const drafted = await action.plan(context({ parameters: { service: 'ext-nut' }, evidence: seen(STARTED) }));
    expect(drafted.ok && drafted.value.steps.map(({ method, request }) => [method, request])).toEqual([
      ['collect_evidence', { what: 'kernel log, services, events' }],
      ['ServiceRestart', { service: 'ext-nut', lastEventAt: '2026-03-01T11:00:00.000Z' }],
    ]);
    expect(calls).toEqual([]);
  });

  test.for([
    { parameters: {}, because: 'only the kubelet and extension services' },
    { parameters: { service: 'etcd' }, because: 'only the kubelet and extension services' },
    { parameters: { service: 'ext-nut', force: 'yes' }, because: 'only the kubelet and extension services' },
    { parameters: { service: 'ext-other' }, because: 'does not list a service ext-other' },
  ])('$parameters is refused', async ({ parameters, because }) => {
    const drafted = await restarting().action.plan(context({ parameters, evidence: seen(STARTED) }));
    expect(drafted).toMatchObject({ ok: false, error: { because: expect.stringContaining(because) } });
  });

  test('is named on the button', () => {
    expect(restartServiceJudge.about({ service: 'ext-nut' })).toEqual({ ok: true, value: 'ext-nut' });
    expect(restartServiceJudge.about({ service: 'apid' })).toMatchObject({ ok: false });
  });
});

describe('the call', () => {
  test('is made once, with the service of the plan', async () => {
    const { action, calls } = restarting();
    expect(await action.execute(step, plan, target, { evidence: seen(STARTED), results: {} })).toEqual({
      outcome: 'done',
      because: 'Service "ext-nut" restarted',
    });
    expect(calls).toEqual(['ext-nut']);
  });

  test('a lost reply is unknown, a no is a no', async () => {
    const said = (code: TalosErrorCode) =>
      restarting(code).action.execute(step, plan, target, { evidence: seen(STARTED), results: {} });
    expect(await said('deadline_exceeded')).toMatchObject({ outcome: 'unknown' });
    expect(await said('permission_denied')).toMatchObject({ outcome: 'refused' });
  });
});

const at = (time: string, state: string): Change => ({ state, message: state, at: `2026-03-01T11:${time}:00.000Z` });
describe('whether it arrived', () => {
  const probe = (deadlinePassed: boolean, ...events: readonly Change[]) =>
    restartServiceJudge.probe(step, plan, { evidence: seen(...events), deadlinePassed, entry: inventory, results: {} })
      .answer;

  test('a stop since the plan shows it', () => {
    expect(probe(false, STARTED, at('30', 'Stopping'))).toBe('arrived');
    expect(probe(true, STARTED, at('30', 'Finished'), at('31', 'Running'))).toBe('arrived');
  });

  test('nothing happened: not before the deadline of the call', () => {
    expect(probe(false, STARTED)).toBe('unknown');
    expect(probe(true, STARTED)).toBe('not_arrived');
  });

  test('a service that ends by itself tells nothing', () => {
    expect(probe(true, STARTED, at('30', 'Waiting'), at('31', 'Running'))).toBe('unknown');
  });

  test('neither does another boot, nor a node that does not answer', () => {
    const other = planOf({ ...plan, boot: `time:${BOOT_S}` });
    const facts = {
      evidence: seen(STARTED, at('30', 'Stopping')),
      deadlinePassed: true,
      entry: inventory,
      results: {},
    };
    expect(restartServiceJudge.probe(step, other, facts).answer).toBe('unknown');
    const unread = { evidence: running({ services: failed() }), deadlinePassed: true, entry: inventory, results: {} };
    expect(restartServiceJudge.probe(step, plan, unread).answer).toBe('unknown');
  });
});

describe('verified', () => {
  const frozen = planOf({ ...plan, steps: [step] });
  const check = (...events: readonly Change[]) =>
    restartServiceJudge.verify(frozen, { evidence: seen(...events), entry: inventory, findings: [] })[0];

  test('only once it runs again', () => {
    expect(check(STARTED)).toMatchObject({ name: 'Service ext-nut', answer: 'no' });
    expect(check(STARTED, at('30', 'Stopping'))).toMatchObject({ answer: 'no' });
    expect(check(STARTED, at('30', 'Stopping'), at('31', 'Running'))).toMatchObject({ answer: 'yes' });
  });

  test('not while nobody can say', () => {
    const evidence = running({ services: failed() });
    expect(restartServiceJudge.verify(frozen, { evidence, entry: inventory, findings: [] })[0]?.answer).toBe('unknown');
  });
});
