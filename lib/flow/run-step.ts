import type { Action, StepOutcome } from '../actions/action.ts';
import { changesNothing, type Plan, type Step } from '../approvals/plan.ts';
import { medic } from '../incidents/actor.ts';
import type { NewEvent } from '../incidents/event.ts';
import type { PlanState, StepState } from '../incidents/state.ts';
import { incidentKind } from '../incidents/stream.ts';
import type { Decision, Write } from '../store/ledger-types.ts';
import { whyNot } from './act-gates.ts';
import type { Acting } from './acting.ts';
import { TryAgain } from './deps.ts';
import { followDuring } from './follow.ts';
import { lookAt } from './gather.ts';
import { targetOf } from './inventory.ts';
import { freezeKey } from './keys.ts';
import { countPlan } from './past-actions.ts';
import { readFreeze } from './standing.ts';

/** A plan that began in time may go on this long after its expiry; later the people who approved it meant another hour. */
const OVERDUE_MS = 5 * 60_000;

/** One step: gates on fresh facts, the intent in the audit trail, at most one call, its outcome. */
export async function runStep(
  deps: Acting,
  stream: string,
  plan: Plan,
  step: Step,
  current: PlanState,
  action: Action,
): Promise<void> {
  const { steps } = current;
  const attempt = changesNothing(step.method) ? 0 : (steps.find(({ n }) => n === step.n)?.attempt ?? 0);
  if (step.method === 'wait_until') {
    await intend(deps, stream, plan, step);
    return;
  }
  const look = await lookAt(deps, plan.cluster, plan.node);
  const because =
    look === undefined ? 'The node is not in the inventory any more.' : await whyNot(deps, look, plan, current, step);
  if (deps.now().getTime() > Date.parse(plan.expiresAt) + OVERDUE_MS + workMs(plan)) {
    await finish(deps, stream, plan, step.n, notSent(attempt, 'the plan has expired while Medic did not run.'));
    return;
  }
  if (because !== undefined || look === undefined) {
    await finish(deps, stream, plan, step.n, notSent(attempt, because ?? 'The node is not known.'));
    return;
  }
  if (step.method === 'collect_evidence') {
    const hash = await deps.blobs.put(JSON.stringify(look.evidence));
    const config = await deps.keeper?.keepBefore(look.entry, look.evidence, plan.id);
    const because = [`Evidence kept: ${hash}`, config].filter(Boolean).join('. ');
    await finish(deps, stream, plan, step.n, { outcome: 'done', because });
    return;
  }
  const at = look.entries.find(({ name }) => name === (step.node ?? plan.node));
  if (at === undefined) {
    const outcome = notSent(attempt, `${step.node ?? plan.node} is not in the inventory any more.`);
    await finish(deps, stream, plan, step.n, outcome);
    return;
  }
  const target = targetOf(at);
  const outcome = await followDuring(deps, stream, plan, step, target, async () => {
    const intended = await intend(deps, stream, plan, step);
    if (intended === undefined) return undefined;
    if ('because' in intended) return notSent(attempt, intended.because);
    const { deadlineAt } = intended;
    // whoever probes trusts the deadline, so nothing is sent or waited for after it
    const deadlineMs = Math.min(step.deadlineMs, Date.parse(deadlineAt) - deps.now().getTime());
    if (deadlineMs <= 0) return { outcome: 'unknown', because: 'Not sent: its deadline had passed before.' };
    return action.execute({ ...step, deadlineMs }, plan, target, {
      evidence: look.evidence,
      results: resultsOf(steps),
    });
  });
  if (outcome === undefined) return;
  if (outcome.outcome === 'unknown') await lose(deps, stream, plan, step.n, outcome.because);
  else await finish(deps, stream, plan, step.n, outcome);
}

/** What the steps may take, one after the other: a plan of many may well outlive its expiry. */
const workMs = ({ steps }: Plan): number => steps.reduce((sum, { deadlineMs }) => sum + deadlineMs, 0);

export const resultsOf = (steps: readonly StepState[]): Readonly<Record<number, string>> =>
  Object.fromEntries(steps.flatMap(({ n, result }) => (result === undefined ? [] : [[n, result]])));

/** Refused, unless an attempt was sent before: what came of that one is for verification, and then for a person. */
function notSent(attempts: number, because: string): StepOutcome {
  if (attempts === 0) return { outcome: 'refused', because: `Not sent: ${because}` };
  const times = `${attempts} time${attempts === 1 ? '' : 's'}`;
  return { outcome: 'unknown', because: `Sent ${times} before, and not again: ${because}` };
}

/** The reply was lost: the step stays intended, so the node is probed before anything else. */
async function lose(deps: Acting, stream: string, plan: Plan, n: number, because: string): Promise<void> {
  const written = await deps.ledger.change(incidentKind, stream, (state) => {
    const current = state?.plans[plan.id];
    if (state === undefined || current?.status !== 'executing') return { events: [], result: undefined };
    const data = { planId: plan.id, n, answer: 'unknown' as const, because };
    const base = { actor: medic, cluster: state.cluster, node: state.node, planHash: current.hash };
    return { events: [{ ...base, type: 'step_probed', data } satisfies NewEvent], result: undefined };
  });
  if (!written.ok) throw new TryAgain('the lost reply could not be written', 2_000);
}

type Intended = { readonly deadlineAt: string } | { readonly because: string } | undefined;

/**
 * "About to": if this cannot be written, the call is not made. The deadline of the call; undefined: it is not due. A
 * freeze that was written before it holds, because both are in one order of the table.
 */
async function intend(deps: Acting, stream: string, plan: Plan, step: Step): Promise<Intended> {
  const written = await deps.ledger.change(
    incidentKind,
    stream,
    async (state, at): Promise<Decision<NewEvent, Intended>> => {
      const current = state?.plans[plan.id];
      const now = current?.steps.find(({ n }) => n === step.n);
      if (state === undefined || current?.status !== 'executing' || now?.status !== 'pending') {
        return { events: [], result: undefined };
      }
      const isCall = step.method !== 'wait_until';
      const frozen = isCall ? await readFreeze(deps, plan.cluster) : undefined;
      if (frozen !== undefined) {
        return { events: [], result: { because: `${frozen.by} has frozen the cluster: ${frozen.reason}.` } };
      }
      const deadlineAt = new Date(Date.parse(at) + step.deadlineMs).toISOString();
      const data = { planId: plan.id, n: step.n, method: step.method, attempt: now.attempt + 1, deadlineAt };
      const base = { actor: medic, cluster: state.cluster, node: state.node, planHash: current.hash };
      const isNotFrozen: Write = { do: 'check', key: freezeKey(plan.cluster), when: { is: 'absent' } };
      const counted = changesNothing(step.method) ? [] : await countPlan(deps, plan, at);
      const writes = isCall ? [isNotFrozen, ...counted] : [];
      return { events: [{ ...base, type: 'step_intended', data }], writes, result: { deadlineAt } };
    },
  );
  if (!written.ok) throw new TryAgain('the audit trail did not take the intent, so nothing was sent', 2_000);
  return written.value;
}

/** An outcome that cannot be written now is found out again by probing, because the intent is there. */
export async function finish(deps: Acting, stream: string, plan: Plan, n: number, outcome: StepOutcome): Promise<void> {
  const written = await deps.ledger.change(incidentKind, stream, (state) => {
    const current = state?.plans[plan.id];
    if (state === undefined || current?.status !== 'executing') return { events: [], result: undefined };
    const { talosActorId, result, ...said } = outcome;
    const data = { planId: plan.id, n, ...said, ...(result === undefined ? {} : { result }) };
    const base = { actor: medic, cluster: state.cluster, node: state.node, planHash: current.hash };
    const event: NewEvent = { ...base, type: 'step_finished', data, ...(talosActorId ? { talosActorId } : {}) };
    return { events: [event], result: undefined };
  });
  if (!written.ok) throw new TryAgain('the outcome could not be written', 2_000);
}
