import { medic } from '../incidents/actor.ts';
import { preparingUntil } from '../incidents/due-work.ts';
import type { NewEvent } from '../incidents/event.ts';
import { isOver, isPending, type PlanState } from '../incidents/state.ts';
import { incidentKind } from '../incidents/stream.ts';
import type { Write } from '../store/ledger-types.ts';
import type { Deps } from './deps.ts';
import { leaseKey } from './keys.ts';

/** Gives the cluster back once a plan is over. Run by the functions that may write leases. */
export async function release(deps: Deps, stream: string, planId: string): Promise<void> {
  await deps.ledger.change(incidentKind, stream, async (state) => {
    const plan = state?.plans[planId];
    if (state === undefined || plan === undefined || !isOver(plan) || !plan.holdsLease)
      return { events: [], result: undefined };
    const key = leaseKey(state.cluster);
    const isOurs = (await deps.items.get(key))?.attributes['planId'] === planId;
    const base = { actor: medic, cluster: state.cluster, node: state.node, planHash: plan.hash };
    const event: NewEvent = { ...base, type: 'lease_released', data: { planId } };
    const write: Write = { do: 'delete', key, when: { is: 'equal', equals: { planId } } };
    return { events: [event], writes: isOurs ? [write] : [], result: undefined };
  });
}

/** The time of a plan is over before it began; what it waited for is told by its state. */
export async function expire(deps: Deps, stream: string, planId: string): Promise<void> {
  await deps.ledger.change(incidentKind, stream, (state, at) => {
    const plan = state?.plans[planId];
    if (state === undefined || plan === undefined || !isExpired(plan, at)) return { events: [], result: undefined };
    const base = { actor: medic, cluster: state.cluster, node: state.node };
    const event: NewEvent = { ...base, type: 'plan_expired', data: { planId } };
    return { events: [event], result: undefined };
  });
}

const isExpired = (plan: PlanState, at: string): boolean =>
  isPending(plan) && at >= (plan.status === 'preparing' ? preparingUntil(plan) : plan.expiresAt);
