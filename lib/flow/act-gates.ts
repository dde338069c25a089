import { actionTraits } from '../actions/traits.ts';
import { changesNothing, type Plan, type Step } from '../approvals/plan.ts';
import type { PlanState } from '../incidents/state.ts';
import { runGates, whyNotAllowed } from '../safety/gates.ts';
import type { Acting } from './acting.ts';
import { gateFacts, type Look, STEP_FRESH_MS } from './gather.ts';
import { digestOf } from './health.ts';
import { readStanding } from './standing.ts';

/** Why the approved plan, or its next step, does not fit the world any more; undefined: it does. */
export async function whyNot(
  deps: Acting,
  look: Look,
  plan: Plan,
  { steps }: PlanState,
  step?: Step,
): Promise<string | undefined> {
  const standing = await readStanding(deps, plan.cluster, plan.node, plan.id);
  const { cluster, node, role, digest } = plan;
  const boot = step?.boot === 'later' ? undefined : plan.boot;
  const actorIds = steps.flatMap(({ talosActorId }) => (talosActorId === undefined ? [] : [talosActorId]));
  const planned = { cluster, node, role, boot, digest, digestNow: digestOf(look), actorIds };
  // a step before this one has changed something: what the plan rests on may have moved with it
  const hasBegun = steps.some(
    ({ n, method, attempt }) => step !== undefined && n !== step.n && attempt > 0 && !changesNothing(method),
  );
  const traits = actionTraits[step?.gatesOf ?? plan.action];
  const facts = gateFacts(deps, look, plan, traits, standing, STEP_FRESH_MS, { planned, hasBegun });
  return whyNotAllowed(runGates(facts));
}
