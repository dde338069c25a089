import { parsePlan } from '../approvals/hash-plan.ts';
import type { FrozenPlan } from '../approvals/plan.ts';
import type { IncidentState, PlanState } from '../incidents/state.ts';
import type { Deps } from './deps.ts';
import { planKey } from './keys.ts';

/** The plan as frozen; undefined where there is none, or where it is not the one that was asked for and approved. */
export async function readPlan(
  deps: Pick<Deps, 'items'>,
  state: IncidentState,
  { id, hash, action }: PlanState,
): Promise<FrozenPlan | undefined> {
  const item = await deps.items.get(planKey(id));
  if (item === undefined || item.attributes['hash'] !== hash) return undefined;
  const plan = parsePlan(String(item.attributes['body']), hash);
  const isAboutThis =
    plan?.id === id && plan.incident === state.id && plan.cluster === state.cluster && plan.node === state.node;
  return isAboutThis && plan.action === action ? { plan, hash } : undefined;
}
