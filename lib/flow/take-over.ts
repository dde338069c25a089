import { actionTraits } from '../actions/traits.ts';
import { ActionName } from '../approvals/action-name.ts';
import type { Actor } from '../incidents/actor.ts';
import type { NewClusterEvent } from '../incidents/cluster-event.ts';
import { clusterKind, clusterStream } from '../incidents/cluster-stream.ts';
import type { NewEvent } from '../incidents/event.ts';
import { type IncidentState, isActing, isPending, type PlanState } from '../incidents/state.ts';
import { incidentKind, incidentStream } from '../incidents/stream.ts';
import { abandonedSince, findLease, type Lease } from './lease.ts';
import type { Deciding, Known } from './people.ts';

/** Yes, said to all; or no, said to the one. */
export type Outcome = { readonly says: string } | { readonly because: string };

/** Whoever may do the action may end it; a dry run is never left for longer than minutes. */
export async function needsOf(deps: Deciding, cluster: string): Promise<'operator' | 'admin'> {
  const lease = await findLease(deps, cluster);
  if (lease === undefined) return 'operator'; // there is nothing to do, and they are told so
  const action = ActionName.safeParse(lease.action).data;
  return action === undefined ? 'admin' : actionTraits[action].identity;
}

/**
 * Ends a plan that shows no sign of life, so that the lease becomes free: the acting function gives it back, as after
 * every plan. What became of its call nobody knows, so the verdict is unverified; who decided that is on record twice.
 */
export async function takeOver(deps: Deciding, { actor, cluster }: Known, reason: string): Promise<Outcome> {
  const lease = await findLease(deps, cluster.name);
  if (lease === undefined) return { because: `No action is under way in ${cluster.name}: nothing to take over.` };
  const { planId, incident, action, node } = lease;
  const ended = await deps.ledger.change(incidentKind, incidentStream(incident), async (state) => {
    const since = await abandonedSince(deps, lease);
    const plan = state?.plans[planId];
    if (state === undefined || plan === undefined || since === undefined) return { events: [], result: undefined };
    return { events: endOf(state, plan, actor, reason), result: since };
  });
  if (!ended.ok) return { because: 'The record could not be written, so nothing was done. Try again in a moment.' };
  const since = ended.value;
  if (since === undefined) {
    return { because: `${action} on ${node} is being worked on, or was minutes ago: Medic finds out by itself.` };
  }
  const data = { planId, incident, action, since, reason };
  const event: NewClusterEvent = { type: 'lease_taken_over', actor, cluster: cluster.name, node, data };
  const recorded = await deps.ledger.change(clusterKind, clusterStream(cluster.name), () => ({
    events: [event],
    result: undefined,
  }));
  if (!recorded.ok) deps.log('takeover_not_recorded', { cluster: cluster.name, incident, planId });
  return { says: saysTo(actor, cluster.name, lease, reason) };
}

/** A plan that is over already only waits for its lease to be given back. */
function endOf(state: IncidentState, plan: PlanState, actor: Actor, reason: string): readonly NewEvent[] {
  const base = { actor, cluster: state.cluster, node: state.node };
  const because = `${actor.name} took it over: ${reason}`;
  if (isPending(plan)) return [{ ...base, type: 'plan_voided', data: { planId: plan.id, because } }];
  if (!isActing(plan)) return [];
  const open = plan.steps.filter(({ status }) => status === 'intended').map(({ method }) => method);
  const unknown = open.length === 0 ? '' : ` What became of ${open.join(', ')} is not known.`;
  const data = { planId: plan.id, verdict: 'unverified' as const, because: `${because}.${unknown}`, checks: [] };
  return [{ ...base, type: 'verdict_reached', data, planHash: plan.hash }];
}

const saysTo = ({ name }: Actor, cluster: string, { action, node }: Lease, reason: string): string =>
  `${name} ended ${action} on ${node} without a proof, so that ${cluster} is free again: ${reason}. Medic looks at ${node} now.`;
