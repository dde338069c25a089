import type { Plan } from '../approvals/plan.ts';
import { isSameLater } from '../approvals/renewal.ts';
import type { NewEvent } from '../incidents/event.ts';
import type { IncidentState, PlanState } from '../incidents/state.ts';
import type { Deps } from './deps.ts';
import { readPlan } from './read-plan.ts';

/** undefined: it may be. A plan that was denied or carried out is not brought back by a renewal. */
export function whyNotRenewed(state: IncidentState, renews: string): string | undefined {
  const before = state.plans[renews];
  if (before === undefined || before.hash === '')
    return 'The plan that this renews was never frozen; ask for a new one.';
  if (before.status === 'awaiting' || before.status === 'expired') return undefined;
  return `The plan that this renews is ${before.status}; ask for a new one.`;
}

/** What the renewed plan and the one before differ in is for a person to see, so it is no renewal then. */
export async function whyMoved(
  deps: Pick<Deps, 'items'>,
  state: IncidentState,
  renews: string,
  now: Plan,
): Promise<string | undefined> {
  const known = state.plans[renews];
  const before = known === undefined ? undefined : await readPlan(deps, state, known);
  if (before !== undefined && isSameLater(before.plan, now)) return undefined;
  return 'What the plan rests on or what it would do has changed since, so it cannot be renewed. Ask for a new one.';
}

/** This person typed name, reason and what the console shows for the same plan before, and need not do it again. */
export async function isTypingSpared(
  deps: Pick<Deps, 'items'>,
  state: IncidentState,
  { renews }: PlanState,
  frozen: Plan,
  user: string,
): Promise<boolean> {
  if (renews === undefined || !state.plans[renews]?.approvals.some(({ id }) => id === user)) return false;
  return (await whyMoved(deps, state, renews, frozen)) === undefined;
}

/** With the confirmation of the new plan the old one is over. */
export function replaced(state: IncidentState, { renews }: PlanState, actor: NewEvent['actor']): readonly NewEvent[] {
  const before = renews === undefined ? undefined : state.plans[renews];
  if (before?.status !== 'awaiting') return [];
  const data = { planId: before.id, because: `${actor.name} renewed it.` };
  const { cluster, node } = state;
  return [{ type: 'plan_voided', actor, cluster, node, data, planHash: before.hash }];
}
