import { actionTraits } from '../actions/traits.ts';
import type { Plan } from '../approvals/plan.ts';
import { approvalsOf, decidersOf, waitBeforeStart } from '../approvals/policy.ts';
import { clusterOf } from '../config/config.ts';
import type { PlanState } from '../incidents/state.ts';
import { type Deps, TryAgain } from './deps.ts';
import { approvalKey } from './keys.ts';

/**
 * Counted by the acting function itself, by its own policy, from items that only the approving function may write: what
 * events say of approvals is not asked. A plan that one person may cancel is tried again when its wait is over.
 */
export async function missingApprovals(deps: Deps, current: PlanState, plan: Plan): Promise<string | undefined> {
  const cluster = clusterOf(deps.config, plan.cluster);
  if (cluster === undefined) return 'the cluster is not configured any more.';
  const traits = actionTraits[current.action];
  const needed = approvalsOf(plan, traits, cluster);
  const deciders = decidersOf(cluster, traits.identity);
  const given = (await deps.items.query(approvalKey(current.hash, '').pk)).filter(({ sk }) => deciders.includes(sk));
  const people = new Set(given.map(({ sk }) => sk)).size;
  if (people < needed) return `only ${people} of ${needed} approvals are by people who may decide.`;
  const waitMs = waitBeforeStart(people, traits, plan.role);
  if (waitMs === 0) return undefined;
  const lastYesMs = Math.max(...given.map(({ attributes }) => Date.parse(String(attributes['at']))));
  if (Number.isNaN(lastYesMs)) return 'it is not on record when it was approved.';
  const leftMs = lastYesMs + waitMs - deps.now().getTime();
  if (leftMs > 0) throw new TryAgain('one person approved it, and others may still cancel it', leftMs);
  return undefined;
}
