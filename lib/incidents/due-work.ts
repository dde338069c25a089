import { type IncidentState, isActing, isOver, isPending, type PlanState } from './state.ts';

/** Functions of handlers/. `sweep` does in place what needs no other function. */
export type FunctionName = 'diagnose' | 'notify' | 'operate' | 'administer' | 'sweep';
export type DueStep = {
  readonly step: 'diagnose' | 'card' | 'plan' | 'act' | 'verify' | 'release' | 'expire';
  readonly function: FunctionName;
  readonly planId: string;
  /** ISO time; work is not to be done before it. */
  readonly notBefore: string;
};

/** After this many failures in a row a diagnosis is left to a person ("diagnose again" brings it back). */
export const DIAGNOSIS_ATTEMPTS = 5;
/** Wait before the n-th repetition of a failed diagnosis. */
const RETRY_MS = 5_000;

/**
 * What has to run next for one incident. Pure, and the only scheduler: dispatch asks it after each commit, sweep for
 * the rest. Messages only say "look at X", so naming the same work twice is harmless.
 */
export function dueWork(state: IncidentState, now: string): readonly DueStep[] {
  return [...diagnosisDue(state, now), ...slackDue(state, now), ...Object.values(state.plans).flatMap(planDue(now))];
}

function diagnosisDue(state: IncidentState, now: string): readonly DueStep[] {
  if (state.status === 'closed' || state.status === 'acting' || state.subject === 'unresolved') return [];
  const isInterrupted = state.status === 'diagnosing' && state.diagnosisWanted === undefined;
  if (state.diagnosisWanted === undefined && !isInterrupted) return [];
  if (state.diagnosisFailures >= DIAGNOSIS_ATTEMPTS) return [];
  const notBefore =
    state.diagnosisFailures === 0 ? now : new Date(Date.parse(now) + RETRY_MS * state.diagnosisFailures).toISOString();
  return [{ step: 'diagnose', function: 'diagnose', planId: '', notBefore }];
}

function slackDue(state: IncidentState, now: string): readonly DueStep[] {
  const isCardBehind = state.card === undefined || state.card.seq < state.cardSeq;
  const isModalBehind = Object.values(state.plans).some((plan) => modalShould(plan) !== plan.modalShows);
  if (!isCardBehind && !isModalBehind && state.threadDue.length === 0) return [];
  return [{ step: 'card', function: 'notify', planId: '', notBefore: now }];
}

/** What the requester's open modal should show: only the end of preparing is news there. */
export const modalShould = (plan: PlanState): 'preparing' | 'ready' | 'refused' => {
  if (plan.status === 'preparing') return 'preparing';
  return plan.hash === '' ? 'refused' : 'ready';
};

const planDue =
  (now: string) =>
  (plan: PlanState): readonly DueStep[] => {
    const actor: FunctionName = plan.identity === 'admin' ? 'administer' : 'operate';
    const due = (step: DueStep['step'], fn: FunctionName, notBefore = now): DueStep => {
      return { step, function: fn, planId: plan.id, notBefore };
    };
    if (isOver(plan)) return plan.holdsLease ? [due('release', actor)] : [];
    if (isActing(plan)) {
      if (plan.status === 'executing') return [due('act', actor)];
      return [due('verify', 'diagnose', plan.verification?.nextLookAt ?? now)];
    }
    if (!isPending(plan)) return [];
    const expiry = due('expire', 'sweep', plan.status === 'preparing' ? preparingUntil(plan) : plan.expiresAt);
    if (plan.status === 'preparing') return [due('plan', actor), expiry];
    return plan.status === 'approved' ? [due('act', actor), expiry] : [expiry];
  };

/** A plan that could not be prepared in this time is given up, so that the requester's modal gets an answer. */
const PREPARE_MS = 120_000;
export const preparingUntil = (plan: PlanState): string =>
  new Date(Date.parse(plan.requestedAt) + PREPARE_MS).toISOString();
