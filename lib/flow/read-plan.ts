import { parsePlan } from '../approvals/hash-plan.ts';
import type { FrozenPlan } from '../approvals/plan.ts';
import type { Deps } from './deps.ts';
import { planKey } from './keys.ts';

/** The plan as frozen; undefined where there is none, or where it does not have the hash that was approved. */
export async function readPlan(
  deps: Pick<Deps, 'items'>,
  planId: string,
  hash: string,
): Promise<FrozenPlan | undefined> {
  const item = await deps.items.get(planKey(planId));
  if (item === undefined || item.attributes['hash'] !== hash) return undefined;
  const plan = parsePlan(String(item.attributes['body']), hash);
  return plan && { plan, hash };
}
