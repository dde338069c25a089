import { changesNothing } from '../approvals/plan.ts';
import type { IncidentState, PlanState, StepState } from '../incidents/state.ts';
import { incidentKind, incidentStream } from '../incidents/stream.ts';
import type { Order } from '../playbooks/finding.ts';
import type { Deps } from './deps.ts';
import { openIncidentKey } from './keys.ts';

/** What Medic did to a node in its open incident, for playbooks that see what came of it. */
export async function ordersFor(
  { items, ledger }: Pick<Deps, 'items' | 'ledger'>,
  cluster: string,
  node: string,
): Promise<readonly Order[]> {
  const id = (await items.get(openIncidentKey(cluster, `NODE#${node}`)))?.attributes['incident'];
  if (typeof id !== 'string') return [];
  const state = await ledger.read(incidentKind, incidentStream(id));
  return state === undefined ? [] : ordersOf(state);
}

/** Calls that were made or may have been, newest first. */
export const ordersOf = ({ node, plans }: Pick<IncidentState, 'node' | 'plans'>): readonly Order[] =>
  Object.values(plans)
    .flatMap((plan) => orderOf(node, plan) ?? [])
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));

function orderOf(node: string, { action, requestedBy, steps }: PlanState): Order | undefined {
  const made = steps.findLast(mayHaveArrived);
  return made?.intendedAt === undefined ? undefined : { node, action, at: made.intendedAt, by: requestedBy.name };
}

/** Neither reading nor waiting changes a node, and what is to be sent again has not arrived. */
const mayHaveArrived = ({ method, status }: StepState): boolean =>
  !changesNothing(method) && (status === 'intended' || status === 'done' || status === 'unknown');
