import type { Action } from '../actions/action.ts';
import { changesNothing, type Plan } from '../approvals/plan.ts';
import { medic } from '../incidents/actor.ts';
import type { NewEvent } from '../incidents/event.ts';
import { type IncidentState, isPending, type PlanState, type StepState } from '../incidents/state.ts';
import { incidentKind } from '../incidents/stream.ts';
import { incidentAllows } from '../incidents/table.ts';
import type { Write } from '../store/ledger-types.ts';
import { whyNot } from './act-gates.ts';
import type { Acting } from './acting.ts';
import { TryAgain } from './deps.ts';
import { lookAt } from './gather.ts';
import { lastStartedKey, leaseKey } from './keys.ts';
import { isTaken, readLastStarted, readLease } from './lease.ts';
import { missingApprovals } from './missing-approvals.ts';
import { readPlan } from './read-plan.ts';
import { expire } from './release.ts';
import { resolveStep } from './resolve-step.ts';
import { runStep } from './run-step.ts';

/**
 * Carries out an approved plan, step by step, and takes up again what a crash left: one message, one next thing to do.
 * Everything is decided from the state and from a fresh look; nothing is remembered in the process.
 */
export async function act(deps: Acting, stream: string, planId: string): Promise<void> {
  const state = await deps.ledger.read(incidentKind, stream);
  const current = state?.plans[planId];
  if (state === undefined || current === undefined) return;
  if (current.status !== 'approved' && current.status !== 'executing') return;
  const action = deps.actions[current.action];
  const frozen = await readPlan(deps, state, current);
  if (action === undefined) return; // the message went to a function without the identity
  if (frozen === undefined) {
    const because = 'its stored form is not what was approved.';
    return current.status === 'approved'
      ? endBefore(deps, stream, planId, because)
      : end(deps, stream, planId, because);
  }
  if (current.status === 'approved') {
    const started = await start(deps, stream, state, current, frozen.plan);
    if (!started) return;
  }
  await work(deps, stream, frozen.plan, action);
}

/** From approved to executing: approvals counted from their own items, a fresh look, the lease. */
async function start(
  deps: Acting,
  stream: string,
  state: IncidentState,
  current: PlanState,
  plan: Plan,
): Promise<boolean> {
  const missing = await missingApprovals(deps, current, plan);
  if (missing !== undefined) return endBefore(deps, stream, plan.id, missing).then(() => false);
  // not left to the sweep: both work under the claim of the plan, and one could keep the other away
  if (deps.now().toISOString() >= plan.expiresAt) return expire(deps, stream, plan.id).then(() => false);
  await waitForDryRun(deps, plan);
  const look = await lookAt(deps, plan.cluster, plan.node);
  await waitForDryRun(deps, plan); // a look takes seconds, and one may have begun meanwhile
  const because =
    look === undefined ? 'the node is not in the inventory any more.' : await whyNot(deps, look, plan, current);
  if (because !== undefined) return endBefore(deps, stream, plan.id, because).then(() => false);
  const key = leaseKey(plan.cluster);
  const taken = await deps.ledger.change(incidentKind, stream, async (now, at) => {
    const held = await readLease(deps, plan.cluster, plan.id);
    if (now?.plans[plan.id]?.status !== 'approved') return { events: [], result: 'gone' as const };
    if (at >= plan.expiresAt) return { events: [], result: 'expired' as const };
    if (held.state === 'held' && held.isDryRun) return { events: [], result: 'dry run' as const };
    const isLast = (await readLastStarted(deps, plan.cluster)) === plan.afterPlan;
    if (isTaken(held) || !isLast || !incidentAllows(now.status, 'execution_started')) {
      return { events: [], result: 'held' as const };
    }
    const others = Object.values(now.plans).filter(
      (other) => other.id !== plan.id && isPending(other) && other.hash !== '',
    );
    const events: readonly NewEvent[] = [
      { ...base(now), type: 'execution_started', data: { planId: plan.id, holder: plan.id }, planHash: current.hash },
      ...others.map((other): NewEvent => {
        const data = { planId: other.id, because: 'another plan for this node has begun.' };
        return { ...base(now), type: 'plan_voided', data, planHash: other.hash };
      }),
    ];
    const attributes = { planId: plan.id, action: plan.action, node: plan.node, incident: state.id };
    const hold: Write = { do: 'put', key, attributes, when: { is: 'absent_or_equal', equals: { planId: plan.id } } };
    return { events, writes: [hold, beginAfter(plan)], result: 'taken' as const };
  });
  if (!taken.ok) throw new TryAgain('the lease could not be written', 1_000);
  if (taken.value === 'dry run') throw new TryAgain('a dry run ends first', 2_000);
  if (taken.value === 'expired') return expire(deps, stream, plan.id).then(() => false);
  if (taken.value === 'held')
    return endBefore(deps, stream, plan.id, 'another action began in this cluster.').then(() => false);
  return taken.value === 'taken';
}

/** Somebody else's plan is being made: that is over in seconds, and no reason to void this one. */
async function waitForDryRun(deps: Acting, plan: Plan): Promise<void> {
  const lease = await readLease(deps, plan.cluster, plan.id);
  if (lease.state === 'held' && lease.isDryRun) throw new TryAgain(`a dry run on ${lease.node} ends first`, 2_000);
}

/** Every other plan of the cluster that was made before this moment is void by it. */
const beginAfter = ({ cluster, id, afterPlan }: Plan): Write => ({
  do: 'put',
  key: lastStartedKey(cluster),
  attributes: { planId: id },
  when: afterPlan === '' ? { is: 'absent' } : { is: 'equal', equals: { planId: afterPlan } },
});

/** Voids an approved plan: nothing was sent. */
async function endBefore(deps: Acting, stream: string, planId: string, because: string): Promise<void> {
  await deps.ledger.change(incidentKind, stream, (state) => {
    const plan = state?.plans[planId];
    if (state === undefined || plan?.status !== 'approved') return { events: [], result: undefined };
    const event: NewEvent = { ...base(state), type: 'plan_voided', data: { planId, because }, planHash: plan.hash };
    const wanted: NewEvent = { ...base(state), type: 'diagnosis_wanted', data: { because: 'a plan was voided' } };
    const isAsked = incidentAllows(state.status, 'diagnosis_wanted');
    return { events: isAsked ? [event, wanted] : [event], result: undefined };
  });
}

/** The next thing of an executing plan, until it verifies or has failed. */
async function work(deps: Acting, stream: string, plan: Plan, action: Action): Promise<void> {
  for (;;) {
    const state = await deps.ledger.read(incidentKind, stream);
    const current = state?.plans[plan.id];
    if (state === undefined || current?.status !== 'executing') return;
    const refused = current.steps.find(({ status }) => status === 'refused');
    const next = current.steps.find(({ status }) => status === 'pending' || status === 'intended');
    if (refused !== undefined) return end(deps, stream, plan.id, refused.because);
    if (next === undefined) return startVerifying(deps, stream, plan, action);
    const lost = current.steps.find(({ status }) => status === 'unknown');
    if (lost !== undefined && !changesNothing(next.method)) return leaveOpen(deps, stream, plan.id, lost);
    const step = plan.steps.find(({ n }) => n === next.n);
    if (step === undefined) return end(deps, stream, plan.id, 'The plan has no such step.');
    if (next.status === 'pending') await runStep(deps, stream, plan, step, current, action);
    else await resolveStep(deps, stream, plan, step, current);
  }
}

/**
 * A step was refused, by a gate or by Talos. `refused` when nothing was changed before it, `failed` when something was,
 * `unverified` when an earlier attempt left no trace: that nothing came of it nobody can promise.
 */
async function end(deps: Acting, stream: string, planId: string, because: string): Promise<void> {
  await deps.ledger.change(incidentKind, stream, (state) => {
    const plan = state?.plans[planId];
    if (state === undefined || plan?.status !== 'executing') return { events: [], result: undefined };
    const calls = plan.steps.filter(({ method }) => !changesNothing(method));
    const changed = calls.some(({ status }) => status !== 'pending' && status !== 'refused');
    const isOpen = calls.some(({ status, attempt }) => attempt > (status === 'refused' ? 1 : 0));
    const verdict = changed ? ('failed' as const) : ('refused' as const);
    const data =
      isOpen && !changed
        ? { planId, verdict: 'unverified' as const, because: `${because} But an earlier attempt was sent.`, checks: [] }
        : { planId, verdict, because, checks: [] };
    const event: NewEvent = { ...base(state), type: 'verdict_reached', data, planHash: plan.hash };
    return { events: [event], result: undefined };
  });
}

/** Nobody knows what came of a step, so nothing that changes something follows it. */
async function leaveOpen(deps: Acting, stream: string, planId: string, lost: StepState): Promise<void> {
  await deps.ledger.change(incidentKind, stream, (state) => {
    const plan = state?.plans[planId];
    if (state === undefined || plan?.status !== 'executing') return { events: [], result: undefined };
    const because = `What came of step ${lost.n} (${lost.method}) is not known, so the steps after it were not sent: ${lost.because}`;
    const data = { planId, verdict: 'unverified' as const, because, checks: [] };
    const event: NewEvent = { ...base(state), type: 'verdict_reached', data, planHash: plan.hash };
    return { events: [event], result: undefined };
  });
}

async function startVerifying(deps: Acting, stream: string, plan: Plan, action: Action): Promise<void> {
  await deps.ledger.change(incidentKind, stream, (state, at) => {
    const current = state?.plans[plan.id];
    if (state === undefined || current?.status !== 'executing') return { events: [], result: undefined };
    const after = (ms: number) => new Date(Date.parse(at) + ms).toISOString();
    const data = {
      planId: plan.id,
      deadlineAt: after(action.traits.verifyWithinMs),
      nextLookAt: after(deps.lookAgainMs[0] ?? 0),
    };
    const event: NewEvent = { ...base(state), type: 'verification_started', data, planHash: current.hash };
    return { events: [event], result: undefined };
  });
}

const base = (state: IncidentState) => ({ actor: medic, cluster: state.cluster, node: state.node });
