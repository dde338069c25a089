import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../lib/audit/canonical.ts';
import { DIAGNOSIS_ATTEMPTS, dueWork } from '../../lib/incidents/due-work.ts';
import type { EventType } from '../../lib/incidents/event.ts';
import { movesCard } from '../../lib/incidents/event.ts';
import { fold } from '../../lib/incidents/fold.ts';
import { milestoneOf } from '../../lib/incidents/milestone.ts';
import {
  type IncidentState,
  type IncidentStatus,
  isActing,
  isOver,
  type PlanStatus,
} from '../../lib/incidents/state.ts';
import { incidentKind } from '../../lib/incidents/stream.ts';
import { AT, event, eventTypes } from './events.ts';

const stateAfter = (...types: readonly EventType[]): IncidentState => {
  let state: IncidentState | undefined;
  for (const [index, type] of types.entries()) state = fold(state, event(type, index + 1));
  if (state === undefined) throw new Error('no events were given');
  return state;
};
const next = (state: IncidentState, type: EventType, change: object = {}) =>
  fold(state, event(type, state.seq + 1, change));

const DIAGNOSED: readonly EventType[] = ['incident_opened', 'alert_fired', 'diagnosis_started', 'diagnosis_finished'];
const READY: readonly EventType[] = [...DIAGNOSED, 'plan_requested', 'plan_ready'];
const APPROVED: readonly EventType[] = [...READY, 'plan_submitted', 'approval_given', 'plan_approved'];
/** How the state after an approval comes about is told by its own event, which the plan table has to know. */
const EXECUTING: readonly EventType[] = [...APPROVED, 'execution_started'];
const VERIFYING: readonly EventType[] = [...EXECUTING, 'step_intended', 'step_finished', 'verification_started'];

const incidentStates: Readonly<Record<IncidentStatus, readonly EventType[]>> = {
  open: ['incident_opened', 'alert_fired'],
  diagnosing: ['incident_opened', 'alert_fired', 'diagnosis_started'],
  diagnosed: DIAGNOSED,
  acting: EXECUTING,
  closed: [...DIAGNOSED, 'incident_closed'],
};
/** Worked out by hand, not from the table: what may happen to an incident in which state. */
const mayHappen: Readonly<Record<IncidentStatus, Partial<Record<EventType, IncidentStatus>>>> = {
  open: {
    alert_fired: 'open',
    alert_resolved: 'open',
    diagnosis_wanted: 'open',
    diagnosis_started: 'diagnosing',
    incident_closed: 'closed',
  },
  diagnosing: {
    alert_fired: 'diagnosing',
    alert_resolved: 'diagnosing',
    diagnosis_wanted: 'diagnosing',
    diagnosis_started: 'diagnosing',
    diagnosis_finished: 'diagnosed',
    diagnosis_failed: 'open',
  },
  diagnosed: {
    alert_fired: 'diagnosed',
    alert_resolved: 'diagnosed',
    diagnosis_wanted: 'diagnosed',
    diagnosis_started: 'diagnosing',
    incident_closed: 'closed',
  },
  acting: { alert_fired: 'acting', alert_resolved: 'acting', diagnosis_wanted: 'acting' },
  closed: { alert_resolved: 'closed', incident_reopened: 'open' },
};
const incidentEvents: readonly EventType[] = [
  'alert_fired',
  'alert_resolved',
  'diagnosis_wanted',
  'diagnosis_started',
  'diagnosis_finished',
  'diagnosis_failed',
  'incident_closed',
  'incident_reopened',
];
const statuses = ['open', 'diagnosing', 'diagnosed', 'acting', 'closed'] as const;

describe('every state against every event of an incident', () => {
  const cases = statuses.flatMap((status) => incidentEvents.map((type) => ({ status, type })));
  test.for(cases)('$status, $type', ({ status, type }) => {
    const state = stateAfter(...incidentStates[status]);
    expect(state.status).toBe(status);
    const leadsTo = mayHappen[status][type];
    if (leadsTo === undefined) expect(() => next(state, type)).toThrow(status);
    else expect(next(state, type).status).toBe(leadsTo);
  });

  test('nothing comes before the opening, and it comes once', () => {
    for (const type of eventTypes.filter((one) => one !== 'incident_opened')) {
      expect(() => fold(undefined, event(type, 1))).toThrow('before');
    }
    expect(() => next(stateAfter('incident_opened'), 'incident_opened')).toThrow('twice');
  });

  test('effects on Slack and refusals of people happen in every state and change none', () => {
    for (const status of statuses) {
      const state = stateAfter(...incidentStates[status]);
      for (const type of ['card_intended', 'card_posted', 'card_updated', 'thread_posted'] as const) {
        expect(next(state, type)).toMatchObject({ status, plans: state.plans, cardSeq: state.cardSeq });
      }
      expect(next(state, 'person_refused', { planId: '' })).toMatchObject({ status, plans: state.plans });
    }
  });
});

const planStates: Readonly<Record<PlanStatus, readonly EventType[]>> = {
  preparing: [...DIAGNOSED, 'plan_requested'],
  ready: READY,
  awaiting: [...READY, 'plan_submitted'],
  approved: [],
  executing: [],
  verifying: [],
  verified: [],
  unverified: [],
  failed: [],
  refused: [...DIAGNOSED, 'plan_requested', 'plan_refused'],
  denied: [...READY, 'plan_submitted', 'plan_denied'],
  expired: [...READY, 'plan_expired'],
  voided: [...READY, 'plan_voided'],
};
const lives: Readonly<Record<PlanStatus, readonly EventType[]>> = {
  ...planStates,
  approved: APPROVED,
  executing: EXECUTING,
  verifying: VERIFYING,
  verified: [...VERIFYING, 'verdict_reached'],
  unverified: [],
  failed: [],
};
const planEvents: readonly EventType[] = eventTypes.filter((type) =>
  /^(plan_|approval_|approvers_|self_|dry_run|execution|step_|progress|verif|verdict|lease)/.test(type),
);
const exits = ['plan_expired', 'plan_voided'] as const;
const planMay: Partial<Record<PlanStatus, readonly EventType[]>> = {
  preparing: ['dry_run_started', 'plan_ready', 'plan_refused', ...exits],
  ready: ['plan_submitted', 'plan_denied', ...exits],
  awaiting: ['approval_given', 'approvers_called', 'self_approved', 'plan_approved', 'plan_denied', ...exits],
  approved: ['execution_started', ...exits],
  executing: [
    'step_intended',
    'step_probed',
    'step_finished',
    'progress_seen',
    'verification_started',
    'verdict_reached',
  ],
  verifying: ['verification_looked', 'progress_seen', 'verdict_reached'],
  verified: ['lease_released'],
  refused: ['lease_released'],
  denied: ['lease_released'],
  expired: ['lease_released'],
  voided: ['lease_released'],
};
const planCases = Object.entries(planMay).flatMap(([status, may]) =>
  planEvents.map((type) => ({ status, type, may: may.includes(type) })),
);

describe('every state against every event of a plan', () => {
  test.for(planCases)('$status, $type: $may', ({ status, type, may }) => {
    const history = Object.entries(lives).find(([name]) => name === status)?.[1] ?? [];
    const state = stateAfter(...history);
    expect(state.plans['p1']?.status).toBe(status);
    if (may) expect(next(state, type).plans['p1']).toBeDefined();
    else expect(() => next(state, type)).toThrow();
  });

  test('a step that is proven not to have arrived is due again, with the next attempt', () => {
    const intended = stateAfter(...EXECUTING, 'step_intended');
    expect(intended.plans['p1']?.steps[1]).toMatchObject({ status: 'intended', attempt: 1 });
    const probed = next(intended, 'step_probed');
    expect(probed.plans['p1']?.steps[1]?.status).toBe('pending');
    const unknown = next(intended, 'step_probed', { answer: 'unknown' });
    expect(unknown.plans['p1']?.steps[1]?.status).toBe('intended');
    expect(next(probed, 'step_intended', { attempt: 2 }).plans['p1']?.steps[1]?.attempt).toBe(2);
  });

  test('a second plan cannot begin while one acts', () => {
    let state = stateAfter(...EXECUTING);
    for (const type of ['plan_requested', 'plan_ready', 'plan_submitted', 'plan_approved'] as const) {
      state = next(state, type, { planId: 'p2' });
    }
    expect(() => next(state, 'execution_started', { planId: 'p2' })).toThrow('acting');
  });

  test('an action that begins while a diagnosis runs makes the incident act', () => {
    const state = next(stateAfter(...APPROVED, 'diagnosis_wanted', 'diagnosis_started'), 'execution_started');
    expect(state.status).toBe('acting');
    expect(() => next(state, 'diagnosis_finished')).toThrow();
  });
});

describe('what is due', () => {
  const names = (state: IncidentState, now = AT) =>
    dueWork(state, now).map(
      ({ step, function: fn, notBefore }) => `${fn} ${step} ${notBefore > now ? 'later' : 'now'}`,
    );
  const shown = (state: IncidentState) => {
    const { channel, ts } = { channel: 'C1', ts: '1.0' };
    return { ...state, card: { channel, ts, seq: state.cardSeq }, threadDue: [], plans: quiet(state.plans) };
  };
  const quiet = (plans: IncidentState['plans']): IncidentState['plans'] =>
    Object.fromEntries(
      Object.entries(plans).map(([id, plan]) => [id, { ...plan, modalShows: plan.hash ? 'ready' : plan.modalShows }]),
    );

  test.for([
    { events: incidentStates.open, due: ['diagnose diagnose now'] },
    { events: incidentStates.diagnosing, due: ['diagnose diagnose now'], why: 'a diagnosis may have been interrupted' },
    { events: DIAGNOSED, due: [] },
    { events: planStates.preparing, due: ['administer plan now', 'sweep expire later'] },
    { events: READY, due: ['sweep expire later'] },
    {
      events: [...READY, 'plan_submitted'] as const,
      due: ['notify card now', 'sweep expire later'],
      why: 'the people who can approve are called',
    },
    {
      events: [...READY, 'plan_submitted', 'approvers_called'] as const,
      due: ['notify card later', 'sweep expire later'],
      why: 'and once more',
    },
    { events: APPROVED, due: ['administer act now', 'sweep expire later'] },
    { events: EXECUTING, due: ['administer act now'] },
    { events: VERIFYING, due: ['diagnose verify later'] },
    { events: lives.verified, due: ['diagnose diagnose now', 'administer release now'] },
    { events: [...lives.verified, 'lease_released'] as const, due: ['diagnose diagnose now'] },
    { events: lives.refused, due: ['notify card now'], why: 'the modal still says preparing' },
    { events: lives.denied, due: [] },
    { events: lives.voided, due: [] },
    { events: incidentStates.closed, due: [] },
  ])('after $events: $due', ({ events, due }) => {
    const state = shown(stateAfter(...events));
    expect(names(state)).toEqual(due);
    expect(dueWork(state, AT)).toEqual(dueWork(state, AT));
  });

  test('a diagnosis that failed five times is left to a person, who can ask for it again', () => {
    let state = stateAfter('incident_opened');
    for (let n = 0; n < DIAGNOSIS_ATTEMPTS; n += 1) {
      expect(names(state)).toContain(`diagnose diagnose ${n === 0 ? 'now' : 'later'}`);
      state = next(next(state, 'diagnosis_started'), 'diagnosis_failed');
    }
    expect(names(state).some((name) => name.includes('diagnose'))).toBe(false);
    expect(names(next(state, 'diagnosis_wanted'))).toContain('diagnose diagnose now');
  });

  test('a dry run that holds the lease of a plan that expired gives it back', () => {
    const state = stateAfter(...DIAGNOSED, 'plan_requested', 'dry_run_started', 'plan_expired');
    expect(names(shown(state))).toContain('administer release now');
  });

  test('an incident leaves the sweep only when it is closed, shown, and no plan of it holds anything', () => {
    const closed = stateAfter(...READY, 'plan_voided', 'incident_closed');
    expect(incidentKind.indexes(closed).open).toBe('INCIDENT');
    expect(incidentKind.indexes(shown(closed)).open).toBeUndefined();
    expect(incidentKind.indexes(shown(stateAfter(...planStates.preparing, 'incident_closed'))).open).toBe('INCIDENT');
    expect(incidentKind.indexes(shown(stateAfter('incident_opened'))).open).toBe('INCIDENT');
  });
});

describe('card and thread', () => {
  test('Slack effects, reads and refusals never make the card chase itself', () => {
    const still: readonly EventType[] = [
      'card_intended',
      'card_posted',
      'card_updated',
      'thread_posted',
      'modal_updated',
      'person_refused',
      'diagnosis_wanted',
      'dry_run_started',
      'lease_released',
      'approvers_called',
    ];
    expect(eventTypes.filter((type) => !movesCard(type))).toEqual(expect.arrayContaining([...still]));
    expect(eventTypes.filter((type) => !movesCard(type))).toHaveLength(still.length);
  });

  test('decisions are told once: a posted sentence is not due again', () => {
    const state = stateAfter(...READY, 'plan_submitted');
    expect(state.threadDue).toEqual([{ seq: state.seq, text: 'Restore config requested by oncall: it waits' }]);
    expect(next(state, 'thread_posted', { seq: state.seq }).threadDue).toEqual([]);
    expect(next(state, 'thread_posted', { seq: 1 }).threadDue).toHaveLength(1);
  });

  test('a plan that nobody saw ready expires in silence', () => {
    const state = stateAfter(...planStates.preparing);
    expect(milestoneOf(state, event('plan_expired', 9))).toBeUndefined();
    expect(milestoneOf(stateAfter(...READY), event('plan_expired', 9))).toContain('Nothing was changed');
  });
});

test('every type of event survives being stored: canonical, parsed, and folded to the same state', () => {
  expect(eventTypes).toHaveLength(37);
  for (const type of eventTypes) {
    const written = event(type, 3, {}, { planHash: 'hash-1', talosActorId: 'actor' });
    expect(incidentKind.parseEvent(JSON.parse(canonicalJson(written)))).toEqual(written);
  }
  const state = stateAfter(...VERIFYING);
  expect(incidentKind.decode(incidentKind.encode(state))).toEqual(JSON.parse(JSON.stringify(state)));
  expect(() => incidentKind.parseEvent({ ...event('alert_fired', 1), type: 'card_eaten' })).toThrow();
});

test('whatever is allowed to happen, in any order: one acting plan, no verdict before an execution, no way back', () => {
  const types = eventTypes.filter(
    (type) => movesCard(type) || type === 'lease_released' || type === 'diagnosis_wanted',
  );
  const candidates = types.flatMap((type) => ['p1', 'p2'].map((planId) => ({ type, planId })));
  const tried = (state: IncidentState, { type, planId }: (typeof candidates)[number]) => {
    try {
      return next(state, type, { planId });
    } catch {
      return undefined; // refused by the table
    }
  };
  /** The chosen event, or the first after it that is allowed. */
  const follow = (state: IncidentState, choice: number): IncidentState => {
    for (let n = 0; n < candidates.length; n += 1) {
      const candidate = candidates[(choice + n) % candidates.length];
      const folded = candidate && tried(state, candidate);
      if (folded !== undefined) return folded;
    }
    throw new Error('nothing may happen any more');
  };
  const starts = [DIAGNOSED, READY, APPROVED, EXECUTING, VERIFYING];
  let verdicts = 0;
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 20, maxLength: 40 }), fc.constantFrom(...starts), (choices, start) => {
      let state = stateAfter(...start);
      for (const choice of choices) {
        const folded = follow(state, choice);
        const plans = Object.values(folded.plans);
        expect(plans.filter(isActing).length).toBeLessThanOrEqual(1);
        if (folded.status !== 'acting') expect(plans.filter(isActing)).toEqual([]);
        for (const plan of plans) {
          const before = state.plans[plan.id];
          if (before && isOver(before)) expect(plan.status).toBe(before.status);
          if (plan.verdict !== undefined) expect(plan.startedAt).toBeDefined();
          if (plan.verdict !== undefined) verdicts += 1;
          if (isActing(plan)) expect(plan.holdsLease).toBe(true);
        }
        expect(folded.seq).toBe(state.seq + 1);
        expect(folded.cardSeq).toBeGreaterThanOrEqual(state.cardSeq);
        const finished = new Set(plans.filter(isOver).map(({ id }) => id));
        for (const due of dueWork(folded, AT)) {
          if (finished.has(due.planId)) expect(due.step).toBe('release');
        }
        state = folded;
      }
    }),
    { numRuns: 100 },
  );
  expect(verdicts).toBeGreaterThan(0);
});
