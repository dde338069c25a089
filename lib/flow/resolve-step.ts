import type { Probe, ProbeFacts } from '../actions/action.ts';
import { actionJudges } from '../actions/registry.ts';
import { changesNothing, type Plan, type Step } from '../approvals/plan.ts';
import { medic } from '../incidents/actor.ts';
import type { NewEvent } from '../incidents/event.ts';
import type { PlanState, StepState } from '../incidents/state.ts';
import { incidentKind } from '../incidents/stream.ts';
import { type Acting, lookAgainAfter } from './acting.ts';
import { TryAgain } from './deps.ts';
import { type Look, lookAt } from './gather.ts';
import { targetOf } from './inventory.ts';
import { finish, resultsOf } from './run-step.ts';

/** A call whose outcome nobody knows is looked for this long, and this long after its deadline; then a person has to. */
const PROBE_FOR_MS = 5 * 60_000;
const PROBE_AFTER_MS = 60_000;
/** Proven not to have arrived, a call is sent again; a node that takes it this often without a trace needs a person. */
const MAX_ATTEMPTS = 3;
/** A wait gets longer about this often, along `lookAgainMs`. */
const WAITS_PER_STEP_MS = 20_000;
/** What is under way when the deadline of a call passes may still be delivered for a moment. */
const IN_FLIGHT_MS = 1_000;

/** An intent without an outcome: look at the node before anything else. */
export async function resolveStep(
  deps: Acting,
  stream: string,
  plan: Plan,
  step: Step,
  { steps }: PlanState,
): Promise<void> {
  const current = steps.find(({ n }) => n === step.n);
  if (current === undefined) return;
  // what the look saw is as old as its beginning: a call may have arrived while it went on
  const lookedFrom = deps.now().getTime();
  const look = await lookAt(deps, plan.cluster, plan.node);
  const now = deps.now().getTime();
  const deadlinePassed = lookedFrom > Date.parse(current.deadlineAt ?? '') + IN_FLIGHT_MS;
  const probe = await probeOf(deps, look, plan, step, { deadlinePassed, results: resultsOf(steps) });
  if (step.method === 'wait_until') return waitFor(deps, stream, plan, step, current, probe);
  const isGivenUp =
    now > Date.parse(current.intendedAt ?? '') + PROBE_FOR_MS &&
    now > Date.parse(current.deadlineAt ?? '') + PROBE_AFTER_MS;
  const mayResend = current.attempt < MAX_ATTEMPTS;
  if (probe.answer === 'unknown' && !isGivenUp) throw new TryAgain(probe.because, deadlinePassed ? 2_000 : 1_000);
  await deps.ledger.change(incidentKind, stream, (state) => {
    const now = state?.plans[plan.id];
    const isIntended = now?.steps.some(({ n, status }) => n === step.n && status === 'intended');
    if (state === undefined || now?.status !== 'executing' || !isIntended) return { events: [], result: undefined };
    const base = { actor: medic, cluster: state.cluster, node: state.node, planHash: now.hash };
    const probed: NewEvent = {
      ...base,
      type: 'step_probed',
      data: { planId: plan.id, n: step.n, answer: probe.answer, because: probe.because },
    };
    if (probe.answer === 'not_arrived' && mayResend) return { events: [probed], result: undefined };
    const notDone = changesNothing(step.method) ? ('refused' as const) : ('unknown' as const);
    const outcome = probe.answer === 'arrived' ? ('done' as const) : notDone;
    const because = mayResend ? probe.because : `Sent ${current.attempt} times without an answer. ${probe.because}`;
    const data = { planId: plan.id, n: step.n, outcome, because };
    const finished: NewEvent = { ...base, type: 'step_finished', data };
    return { events: [probed, finished], result: undefined };
  });
}

/** What the look shows; where that does not decide, what only the identity that made the call can see. */
async function probeOf(
  deps: Acting,
  look: Look | undefined,
  plan: Plan,
  step: Step,
  known: Pick<ProbeFacts, 'deadlinePassed' | 'results'>,
): Promise<Probe> {
  if (look === undefined) return { answer: 'unknown', because: 'The node is not in the inventory any more.' };
  const { evidence, entry } = look;
  const seen = actionJudges[plan.action].probe(step, plan, { evidence, entry, ...known });
  if (seen.answer !== 'unknown') return seen;
  return (await deps.actions[plan.action]?.inspect?.(step, plan, targetOf(entry), known)) ?? seen;
}

/** Nothing was sent: the node is looked at until it holds, or until the time of the step is over. */
async function waitFor(
  deps: Acting,
  stream: string,
  plan: Plan,
  step: Step,
  current: StepState,
  { answer, because, result }: Probe,
): Promise<void> {
  const left = result === undefined ? {} : { result };
  if (answer === 'arrived') return finish(deps, stream, plan, step.n, { outcome: 'done', because, ...left });
  const now = deps.now().getTime();
  const isOver = now >= Date.parse(current.deadlineAt ?? '');
  if (isOver) return finish(deps, stream, plan, step.n, { outcome: 'refused', because: `Not in time: ${because}` });
  const looks = Math.floor((now - Date.parse(current.intendedAt ?? '')) / WAITS_PER_STEP_MS);
  throw new TryAgain(because, lookAgainAfter(deps.lookAgainMs, looks));
}
