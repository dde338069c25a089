import { actionTraits } from '../actions/traits.ts';
import { decidersOf } from '../approvals/policy.ts';
import { clusterOf } from '../config/config.ts';
import { medic } from '../incidents/actor.ts';
import { callDue } from '../incidents/due-call.ts';
import type { NewEvent } from '../incidents/event.ts';
import type { IncidentState, PlanState } from '../incidents/state.ts';
import { incidentKind } from '../incidents/stream.ts';
import { type Deps, TryAgain } from './deps.ts';

/**
 * Of plans that wait: that the people who can approve are called now. Written first; the thread is told afterwards, as
 * of every milestone, so a crash in between calls nobody twice.
 */
export async function callApprovers(deps: Deps, stream: string, state: IncidentState): Promise<void> {
  const now = deps.now().toISOString();
  for (const plan of Object.values(state.plans)) {
    if (callDue(plan, now) === undefined) continue;
    const written = await deps.ledger.change(incidentKind, stream, (current, at) => {
      const waiting = current?.plans[plan.id];
      const call = waiting && callDue(waiting, at);
      if (current === undefined || waiting === undefined || call === undefined)
        return { events: [], result: undefined };
      const { cluster, node } = current;
      const leftS = Math.max(0, Math.round((Date.parse(waiting.expiresAt) - Date.parse(at)) / 1_000));
      const data = { planId: plan.id, call, users: [...approversOf(deps, cluster, waiting)], leftS };
      const event: NewEvent = { type: 'approvers_called', actor: medic, cluster, node, data, planHash: waiting.hash };
      return { events: [event], result: undefined };
    });
    if (!written.ok) throw new TryAgain('that people are called could not be written', 1_000);
  }
}

/** Who can still say yes. */
function approversOf(deps: Deps, clusterName: string, { action, approvals }: PlanState): readonly string[] {
  const cluster = clusterOf(deps.config, clusterName);
  if (cluster === undefined) return [];
  return decidersOf(cluster, actionTraits[action].identity).filter((user) => !approvals.some(({ id }) => id === user));
}
