import type { StepOutcome } from '../actions/action.ts';
import type { Plan, Step } from '../approvals/plan.ts';
import { medic } from '../incidents/actor.ts';
import type { NewEvent } from '../incidents/event.ts';
import { incidentKind } from '../incidents/stream.ts';
import type { Following, NodeTarget } from '../talos/talos.ts';
import type { Acting } from './acting.ts';

/** Progress is for the reader of the card; more than this per action is noise (and costs writes). */
const MAX_PROGRESS = 6;

/** Calls whose reply names the actor of a sequence. Maintenance mode up to 1.12 has no Events. */
const SEQUENCES: ReadonlySet<Step['method']> = new Set<Step['method']>(['Reboot', 'Upgrade', 'Reset']);

/** What takes longer is looked at again later, by a job of its own. */
const FOLLOW_MS = 60_000;

/**
 * Opens Events before the call, makes the call, and tells what Talos does until the connection drops or 60 s are over.
 * A sequence that is refused by the lock shows only here.
 */
export async function followDuring(
  deps: Acting,
  stream: string,
  plan: Plan,
  step: Step,
  target: NodeTarget,
  call: () => Promise<StepOutcome | undefined>,
): Promise<StepOutcome | undefined> {
  if (!SEQUENCES.has(step.method)) return call();
  const stop = new AbortController();
  const opened = await deps.talos.follow(target, { signal: stop.signal, forMs: FOLLOW_MS, isPersistent: false });
  try {
    const outcome = await call();
    if (!opened.ok || outcome?.outcome !== 'done') return outcome;
    return await follow(deps, stream, plan, outcome, opened.value);
  } finally {
    stop.abort();
    if (opened.ok) opened.value.close();
  }
}

async function follow(
  deps: Acting,
  stream: string,
  plan: Plan,
  outcome: StepOutcome,
  following: Following,
): Promise<StepOutcome> {
  let said = 0;
  for await (const progress of following.progress(outcome.talosActorId ?? '')) {
    if (progress.kind === 'end' && progress.how === 'refused') {
      return { outcome: 'refused', because: `Talos refused the sequence: ${progress.because}` };
    }
    const isStep = progress.kind === 'sequence' || progress.kind === 'phase';
    if (!isStep || progress.action !== 'START' || said >= MAX_PROGRESS) continue;
    said += 1;
    await tell(deps, stream, plan, `${progress.kind} ${progress.name}`);
  }
  return outcome;
}

async function tell(deps: Acting, stream: string, plan: Plan, says: string): Promise<void> {
  await deps.ledger.change(incidentKind, stream, (state) => {
    const current = state?.plans[plan.id];
    if (state === undefined || current?.status !== 'executing') return { events: [], result: undefined };
    const base = { actor: medic, cluster: state.cluster, node: state.node, planHash: current.hash };
    const event: NewEvent = { ...base, type: 'progress_seen', data: { planId: plan.id, says } };
    return { events: [event], result: undefined };
  });
}
