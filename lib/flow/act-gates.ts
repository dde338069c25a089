import { actionTraits } from '../actions/traits.ts';
import type { Plan } from '../approvals/plan.ts';
import type { PlanState } from '../incidents/state.ts';
import { runGates, whyNotAllowed } from '../safety/gates.ts';
import type { Acting } from './acting.ts';
import { gateFacts, type Look, STEP_FRESH_MS } from './gather.ts';
import { digestOf } from './health.ts';
import { readStanding } from './standing.ts';

/** Why the approved plan does not fit the world any more; undefined: it does. `n`: the step whose turn it is. */
export async function whyNot(
  deps: Acting,
  look: Look,
  plan: Plan,
  { steps }: PlanState,
  n?: number,
): Promise<string | undefined> {
  const standing = await readStanding(deps, plan.cluster, plan.node, plan.id);
  const { cluster, node, role, boot, digest } = plan;
  const actorIds = steps.flatMap(({ talosActorId }) => (talosActorId === undefined ? [] : [talosActorId]));
  const planned = { cluster, node, role, boot, digest, digestNow: digestOf(look), actorIds };
  const isSent = ({ method, status }: PlanState['steps'][number]) =>
    method !== 'collect_evidence' && (status === 'done' || status === 'unknown');
  const hasBegun = steps.some((step) => step.n !== n && isSent(step));
  const facts = gateFacts(deps, look, actionTraits[plan.action], standing, STEP_FRESH_MS, { planned, hasBegun });
  const answers = runGates(facts);
  return whyNotAllowed(answers);
}
