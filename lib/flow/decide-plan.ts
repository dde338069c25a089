import { actionTraits } from '../actions/traits.ts';
import { titleOf } from '../approvals/action-name.ts';
import type { Plan } from '../approvals/plan.ts';
import { approvalsOf, isSelfApproved, waitBeforeStart } from '../approvals/policy.ts';
import type { ClusterConfig } from '../config/config.ts';
import type { Actor } from '../incidents/actor.ts';
import type { NewEvent } from '../incidents/event.ts';
import type { IncidentState, PlanState } from '../incidents/state.ts';
import { incidentKind, incidentStream } from '../incidents/stream.ts';
import { runRecordGates, whyNotAllowed } from '../safety/gates.ts';
import type { Clicker, DeskAnswer, FieldError, PlanToReview, Typed } from '../slack/desk.ts';
import type { Decision, Write } from '../store/ledger-types.ts';
import { suggesting } from './gather.ts';
import { readInventory } from './inventory.ts';
import { approvalKey } from './keys.ts';
import { readLastStarted } from './lease.ts';
import { type Deciding, recordRefusal, whoCanIn, whoDecides } from './people.ts';
import { readPlan } from './read-plan.ts';
import { recordFacts } from './record-facts.ts';
import { isTypingSpared, replaced, whyNotRenewed } from './renewal.ts';
import { readStanding } from './standing.ts';
import { wrongField } from './wrong-field.ts';

const STORE_DOWN = 'The record could not be written, so nothing was done. Try again in a moment.';
const TAMPERED = 'What is stored of this plan is not what was frozen, so nobody can decide on it. Ask for a new plan.';
type Outcome = { readonly because: string } | { readonly done: true };

/** Opens the frozen plan again. What the person may do with it is said, not assumed. */
export async function review(
  deps: Deciding,
  incidentId: string,
  planId: string,
  clicker: Clicker,
): Promise<DeskAnswer<PlanToReview>> {
  const found = await find(deps, incidentId, planId);
  if (found === undefined) return { ok: false, error: { because: 'This plan is not known.' } };
  const { state, plan, frozen } = found;
  const who = await whoDecides(deps, state, clicker, actionTraits[plan.action].identity);
  const title = `Review of ${titleOf(plan)}`;
  const record = (because: string) => recordRefusal(deps, incidentId, who.actor, title, because, planId);
  if (frozen === undefined) {
    await record(TAMPERED);
    return { ok: false, error: { because: TAMPERED } };
  }
  const value = { state, plan: { plan: frozen, hash: plan.hash }, whoCan: whoCanIn(deps, state.cluster, plan) };
  if ('because' in who) {
    await record(who.because);
    return { ok: true, value: { ...value, may: 'read', because: who.because } };
  }
  const no = whyNotDecide(plan, deps.now().toISOString()) ?? (await whyVoid(deps, state, plan, frozen));
  if (no !== undefined) return { ok: true, value: { ...value, may: 'read', because: no } };
  if (plan.status === 'ready') {
    const isRequester = plan.requestedBy.id === who.actor.id;
    const because = isRequester ? '' : `${plan.requestedBy.name} has not confirmed it yet.`;
    const isTyped = isRequester && (await isTypingSpared(deps, state, plan, frozen, who.actor.id));
    return { ok: true, value: { ...value, may: isRequester ? 'submit' : 'read', because, isTyped } };
  }
  const own = alone(plan, who.actor);
  return { ok: true, value: { ...value, may: own === undefined ? 'approve' : 'read', because: own ?? '' } };
}

/** The requester's confirmation: it counts as the first yes. */
export const submit = (deps: Deciding, incidentId: string, planId: string, clicker: Clicker, typed: Typed) =>
  decide(deps, incidentId, planId, clicker, 'Confirmation', typed, (state, plan, frozen, by) => {
    const { actor } = by;
    if (plan.status !== 'ready') return no(used(plan));
    if (plan.requestedBy.id !== actor.id)
      return no(`Only ${plan.requestedBy.name}, who asked for it, confirms this plan.`);
    const base = { actor, cluster: state.cluster, node: state.node, planHash: plan.hash };
    const before = plan.renews === undefined ? undefined : state.plans[plan.renews];
    const late = before === undefined ? undefined : whyNotRenewed(state, before.id);
    if (late !== undefined) return no(late);
    const reason = typed.reason.trim() || (before?.reason ?? '');
    const submitted: NewEvent = { ...base, type: 'plan_submitted', data: { planId, reason } };
    const decided = yes(submitted, 1, plan, frozen, by, reason);
    if (decided.events.length === 0) return decided;
    return { ...decided, events: [...replaced(state, plan, actor), ...decided.events] };
  });

/** A further person's yes to exactly this hash. */
export const approve = (deps: Deciding, incidentId: string, planId: string, clicker: Clicker, typed: Typed) =>
  decide(deps, incidentId, planId, clicker, 'Approval', typed, (state, plan, frozen, by) => {
    const { actor } = by;
    if (plan.status !== 'awaiting') return no(used(plan));
    const own = alone(plan, actor);
    if (own !== undefined) return no(own);
    const base = { actor, cluster: state.cluster, node: state.node, planHash: plan.hash };
    const count = plan.approvals.length + 1;
    const needed = approvalsOf(frozen, actionTraits[plan.action], by.cluster);
    const given: NewEvent = { ...base, type: 'approval_given', data: { planId, count, needed } };
    return yes(given, count, plan, frozen, by, typed.reason);
  });

/** A yes with its item; the last one approves the plan, and says so where fewer people than usual were asked. */
function yes(
  said: NewEvent,
  people: number,
  plan: PlanState,
  frozen: Plan,
  { actor, cluster, at }: By,
  reason: string,
): Decision<NewEvent, Outcome> {
  const traits = actionTraits[plan.action];
  const writes = [approval(plan, actor, reason, at)];
  if (people < approvalsOf(frozen, traits, cluster)) return { events: [said], writes, result: { done: true } };
  const { type: _type, data: _data, ...base } = said;
  const approved: NewEvent = { ...base, type: 'plan_approved', data: { planId: plan.id } };
  if (!isSelfApproved(people, traits, frozen.role)) return { events: [said, approved], writes, result: { done: true } };
  const waitMs = waitBeforeStart(people, traits, frozen.role);
  const startsAt = waitMs === 0 ? '' : new Date(Date.parse(at) + waitMs).toISOString();
  if (startsAt >= plan.expiresAt) return no('It would expire before it may start; ask for a new one.');
  const alone: NewEvent = { ...base, type: 'self_approved', data: { planId: plan.id, startsAt } };
  return { events: [said, alone, approved], writes, result: { done: true } };
}

/** A no ends the plan for everybody. */
export async function deny(
  deps: Deciding,
  incidentId: string,
  planId: string,
  clicker: Clicker,
  reason: string,
): Promise<DeskAnswer<void>> {
  const typed = { nodeName: '', reason, consoleFingerprint: '' };
  const answer = await decide(deps, incidentId, planId, clicker, 'Denial', typed, (state, plan, _frozen, { actor }) => {
    if (plan.status !== 'awaiting' && plan.status !== 'ready') return no(used(plan));
    const base = { actor, cluster: state.cluster, node: state.node, planHash: plan.hash };
    return { events: [{ ...base, type: 'plan_denied', data: { planId, reason } }], result: { done: true } };
  });
  return 'field' in answer ? { ok: false, error: { because: answer.says } } : answer;
}

type By = { readonly actor: Actor; readonly cluster: ClusterConfig; readonly at: string };
type Choose = (state: IncidentState, plan: PlanState, frozen: Plan, by: By) => Decision<NewEvent, Outcome>;

/** The common frame of every decision on a plan: rights, expiry, typed fields, the lease, then one transaction. */
async function decide(
  deps: Deciding,
  incidentId: string,
  planId: string,
  clicker: Clicker,
  what: string,
  typed: Typed,
  choose: Choose,
): Promise<DeskAnswer<void> | FieldError> {
  const found = await find(deps, incidentId, planId);
  if (found === undefined) return { ok: false, error: { because: 'This plan is not known.' } };
  const { state, plan, frozen } = found;
  const who = await whoDecides(deps, state, clicker, actionTraits[plan.action].identity);
  const refuse = async (because: string): Promise<DeskAnswer<void>> => {
    const title = `${what} of ${titleOf(plan)}`;
    await recordRefusal(deps, incidentId, who.actor, title, because, planId);
    return { ok: false, error: { because } };
  };
  if ('because' in who) return refuse(who.because);
  if (frozen === undefined) return refuse(TAMPERED);
  const ended = whyNotDecide(plan, deps.now().toISOString());
  if (ended !== undefined) return refuse(ended);
  const isSpared = what === 'Confirmation' && (await isTypingSpared(deps, state, plan, frozen, who.actor.id));
  const field = isSpared ? undefined : wrongField(frozen, plan, typed, what);
  if (field !== undefined) {
    // a typing mistake is nobody's business; another fingerprint may be another machine
    if (field.field === 'consoleFingerprint') await refuse(field.says);
    return field;
  }
  const changed = await deps.ledger.change(incidentKind, incidentStream(incidentId), async (now, at) => {
    const current = now?.plans[planId];
    if (now === undefined || current === undefined) return no('This plan is not known.');
    const late = whyNotDecide(current, at);
    if (late !== undefined) return no(late);
    if (now.status === 'closed') return no('The incident is closed.');
    const stale = what === 'Denial' ? undefined : await whyVoid(deps, now, current, frozen);
    return stale === undefined ? choose(now, current, frozen, { ...who, at }) : no(stale);
  });
  if (!changed.ok) return { ok: false, error: { because: STORE_DOWN } };
  return 'because' in changed.value ? refuse(changed.value.because) : { ok: true, value: undefined };
}

const no = (because: string): Decision<NewEvent, Outcome> => ({ events: [], result: { because } });

/** `frozen` is undefined where the stored plan does not have the hash that the record has of it. */
async function find(deps: Deciding, incidentId: string, planId: string) {
  const state = await deps.ledger.read(incidentKind, incidentStream(incidentId));
  const plan = state?.plans[planId];
  if (state === undefined || plan === undefined || plan.hash === '') return undefined;
  const frozen = await readPlan(deps, state, plan);
  return { state, plan, frozen: frozen?.plan };
}

/** Gates that need no node: has the world moved since, as far as the record knows? */
async function whyVoid(
  deps: Deciding,
  state: IncidentState,
  plan: PlanState,
  frozen: Plan,
): Promise<string | undefined> {
  if (
    state.diagnosis?.digest !== undefined &&
    state.diagnosis.at > plan.requestedAt &&
    state.diagnosis.digest !== plan.digest
  ) {
    return 'What the plan rests on has changed; ask for a new one.';
  }
  const standing = await readStanding(deps, state.cluster, state.node, plan.id);
  const { lease } = standing;
  // a dry run is over in seconds, and the plan waits for its end
  const isOnlyDryRun = lease.state === 'held' && lease.isDryRun;
  const about = {
    entry: { cluster: state.cluster, name: state.node },
    entries: await readInventory(deps, state.cluster),
    health: undefined,
    suggestedBy: suggesting(state.diagnosis?.findings ?? [], plan).flatMap(({ playbook }) => playbook ?? []),
  };
  const facts = recordFacts(deps, about, actionTraits[plan.action], standing);
  const because = whyNotAllowed(runRecordGates(isOnlyDryRun ? { ...facts, lease: { state: 'free' } } : facts));
  if (because !== undefined) return because;
  if ((await readLastStarted(deps, state.cluster)) !== frozen.afterPlan) {
    return 'Another action has begun in this cluster since the plan was made; ask for a new one.';
  }
  return undefined;
}

function whyNotDecide(plan: PlanState, at: string): string | undefined {
  if (plan.status !== 'ready' && plan.status !== 'awaiting') return used(plan);
  return at >= plan.expiresAt ? 'This plan has expired; ask for a new one. Nothing was changed.' : undefined;
}

const used = (plan: PlanState): string => `This plan is ${plan.status}; it cannot be decided on again.`;

const alone = (plan: PlanState, actor: Actor): string | undefined => {
  if (!plan.approvals.some(({ id }) => id === actor.id)) return undefined;
  return `You have said yes already (${plan.approvals.length} of ${plan.approvalsNeeded}); another person has to.`;
};

const approval = (plan: PlanState, actor: Actor, reason: string, at: string): Write => ({
  do: 'put',
  key: approvalKey(plan.hash, actor.id),
  attributes: { planId: plan.id, name: actor.name, team: actor.team, reason, at },
  when: { is: 'absent' },
});
