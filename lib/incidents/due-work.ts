import { nextCallAt } from './due-call.ts';
import { type IncidentState, isActing, isOver, isPending, isResolved, type PlanState } from './state.ts';

/** Functions of handlers/. `sweep` does in place what needs no other function. */
export type FunctionName = 'patrol' | 'diagnose' | 'notify' | 'operate' | 'administer' | 'sweep';
export type DueWork = {
  readonly step: 'diagnose' | 'card' | 'plan' | 'act' | 'verify' | 'release' | 'expire' | 'patrol' | 'answer';
  readonly function: FunctionName;
  /** ISO time; work is not to be done before it. */
  readonly notBefore: string;
};
export type DueStep = DueWork & { readonly planId: string };

/** After this many failures in a row a diagnosis is left to a person ("diagnose again" brings it back). */
export const DIAGNOSIS_ATTEMPTS = 5;
/** Wait before the n-th repetition of a failed diagnosis. */
const RETRY_MS = 5_000;
/** Waits between looks at a node whose alerts are over, while Talos still finds it ill; then the last one for ever. */
const LOOK_AGAIN_MS = [5 * 60_000, 10 * 60_000, 20 * 60_000];
const LOOK_AGAIN_MAX_MS = 30 * 60_000;
const after = (time: string, ms: number): string => new Date(Date.parse(time) + ms).toISOString();

/**
 * What has to run next for one incident. Pure, and the only scheduler: dispatch asks it after each commit, sweep for
 * the rest. Messages only say "look at X", so naming the same work twice is harmless.
 */
export function dueWork(state: IncidentState, now: string): readonly DueStep[] {
  return [...diagnosisDue(state, now), ...slackDue(state, now), ...Object.values(state.plans).flatMap(planDue(now))];
}

function diagnosisDue(state: IncidentState, now: string): readonly DueStep[] {
  if (isWanted(state)) {
    const notBefore = state.diagnosisFailures === 0 ? now : after(now, RETRY_MS * state.diagnosisFailures);
    return [{ step: 'diagnose', function: 'diagnose', planId: '', notBefore }];
  }
  const notBefore = lookAgainAt(state);
  return notBefore === undefined ? [] : [{ step: 'diagnose', function: 'diagnose', planId: '', notBefore }];
}

/** May a diagnosis begin at this moment? A message that came late, or twice, is told no. */
export const isDiagnosisDue = (state: IncidentState, now: string): boolean =>
  isWanted(state) || isPast(lookAgainAt(state), now);

const isPast = (time: string | undefined, now: string): boolean => time !== undefined && time <= now;
const mayDiagnose = ({ status, subject }: IncidentState): boolean =>
  status !== 'closed' && status !== 'acting' && subject === 'node';

function isWanted(state: IncidentState): boolean {
  const isInterrupted = state.status === 'diagnosing' && state.diagnosisWanted === undefined;
  const isAsked = state.diagnosisWanted !== undefined || isInterrupted;
  return mayDiagnose(state) && isAsked && state.diagnosisFailures < DIAGNOSIS_ATTEMPTS;
}

/** The alerts are over and Talos does not say that the node is well: it is looked at again, until it does. */
export function lookAgainAt(state: IncidentState): string | undefined {
  const lookedAt = state.lookedAt ?? state.diagnosis?.at;
  if (!mayDiagnose(state) || isWanted(state) || !isResolved(state) || lookedAt === undefined) return undefined;
  const looks = Math.max(state.looksSinceResolved ?? 0, 1);
  return after(lookedAt, LOOK_AGAIN_MS[looks - 1] ?? LOOK_AGAIN_MAX_MS);
}

function slackDue(state: IncidentState, now: string): readonly DueStep[] {
  const isCardBehind = state.card === undefined || state.card.seq < state.cardSeq;
  const isModalBehind = Object.values(state.plans).some((plan) => modalShould(plan) !== plan.modalShows);
  if (isCardBehind || isModalBehind || state.threadDue.length > 0) {
    return [{ step: 'card', function: 'notify', planId: '', notBefore: now }];
  }
  const [nextCall] = Object.values(state.plans)
    .flatMap((plan) => nextCallAt(plan) ?? [])
    .toSorted();
  return nextCall === undefined ? [] : [{ step: 'card', function: 'notify', planId: '', notBefore: nextCall }];
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
    if (plan.status !== 'approved') return [expiry];
    return [due('act', actor, plan.selfApproved?.startsAt || now), expiry];
  };

/** A plan that could not be prepared in this time is given up, so that the requester's modal gets an answer. */
const PREPARE_MS = 120_000;
export const preparingUntil = (plan: PlanState): string => after(plan.requestedAt, PREPARE_MS);
