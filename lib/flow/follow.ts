import type { StepOutcome } from '../actions/action.ts';
import type { Plan } from '../approvals/plan.ts';
import { medic } from '../incidents/actor.ts';
import type { NewEvent } from '../incidents/event.ts';
import { incidentKind } from '../incidents/stream.ts';
import type { NodeTarget, ProgressEvent } from '../talos/talos.ts';
import type { Acting } from './acting.ts';

/** Progress is for the reader of the card; more than this per action is noise (and costs writes). */
const MAX_PROGRESS = 6;

/**
 * Opens Events before the call, makes the call, and tells what Talos does until the connection drops or 60 s are over.
 * A sequence that is refused by the lock shows only here, as LOCKED (talos-api.md 4.1).
 */
export async function followDuring(
  deps: Acting,
  stream: string,
  plan: Plan,
  target: NodeTarget,
  call: () => Promise<StepOutcome | undefined>,
): Promise<StepOutcome | undefined> {
  if (plan.action !== 'reboot') return call(); // maintenance mode up to 1.12 has no Events
  const stop = new AbortController();
  const events = deps.talos.follow(target, { signal: stop.signal })[Symbol.asyncIterator]();
  try {
    const opened = await events.next();
    const outcome = await call();
    const isOpen = opened.done !== true && opened.value.name === 'opened';
    return isOpen && outcome?.outcome === 'done' ? await follow(deps, stream, plan, outcome, events) : outcome;
  } finally {
    stop.abort();
    await events.return?.();
  }
}

async function follow(
  deps: Acting,
  stream: string,
  plan: Plan,
  outcome: StepOutcome,
  events: AsyncIterator<ProgressEvent>,
): Promise<StepOutcome> {
  let said = 0;
  let hasBegun = false;
  for (;;) {
    const next = await events.next();
    if (next.done === true || next.value.name === 'closed') return outcome;
    const event = next.value;
    // LOCKED names nobody: once our own sequence runs, it is somebody else's
    if (event.error?.code === 'LOCKED' && !hasBegun) {
      return { outcome: 'refused', because: `Talos refused the sequence: ${event.error.message}` };
    }
    const isOurs = event.actorId === outcome.talosActorId && (event.kind === 'sequence' || event.kind === 'phase');
    if (!isOurs || event.action !== 'START') continue;
    hasBegun = true;
    if (said >= MAX_PROGRESS) continue;
    said += 1;
    await tell(deps, stream, plan, `${event.kind} ${event.name}`);
  }
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
