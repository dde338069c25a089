import * as z from 'zod';
import type { PlanState } from '../incidents/state.ts';
import { incidentKind, incidentStream } from '../incidents/stream.ts';
import type { LeaseFact } from '../safety/facts.ts';
import { isClaimed } from './claims.ts';
import type { Deps } from './deps.ts';
import { lastStartedKey, leaseKey } from './keys.ts';

/** The item as act.ts and prepare-plan.ts write it. */
const Lease = z.object({
  planId: z.string(),
  incident: z.string(),
  node: z.string(),
  action: z.string(),
  isDryRun: z.literal('yes').optional(),
});
export type Lease = z.infer<typeof Lease>;
type Reading = Pick<Deps, 'items' | 'ledger' | 'now'>;

/** Longer than a call without an answer is looked for, so nobody is at work on what shows no sign of life for so long. */
const ABANDONED_AFTER_MS = 6 * 60_000;

/** Who holds the cluster, from the point of view of one plan ('': of none). */
export async function readLease(deps: Reading, cluster: string, planId: string): Promise<LeaseFact> {
  const lease = await findLease(deps, cluster);
  if (lease === undefined) return { state: 'free' };
  if (planId !== '' && lease.planId === planId) return { state: 'ours' };
  const { action, node, isDryRun } = lease;
  const since = await abandonedSince(deps, lease);
  if (since !== undefined) return { state: 'stale', by: action, node, since };
  return { state: 'held', by: action, node, isDryRun: isDryRun === 'yes' };
}

export async function findLease({ items }: Reading, cluster: string): Promise<Lease | undefined> {
  const item = await items.get(leaseKey(cluster));
  return item && Lease.parse(item.attributes);
}

export const isTaken = ({ state }: LeaseFact): boolean => state === 'held' || state === 'stale';

/** The last sign of life of whoever holds it; undefined: somebody works on it, or may be about to. */
export async function abandonedSince(deps: Reading, { incident, planId }: Lease): Promise<string | undefined> {
  const stream = incidentStream(incident);
  const state = await deps.ledger.read(incidentKind, stream);
  const plan = state?.plans[planId];
  if (plan === undefined || (await isClaimed(deps, stream, planId))) return undefined;
  const since = lastSign(plan);
  return deps.now().getTime() > Date.parse(since) + ABANDONED_AFTER_MS ? since : undefined;
}

/** The latest time that it is known to have reached, or to be waiting for. */
function lastSign({ requestedAt, startedAt, steps, verification, endedAt }: PlanState): string {
  const stepTimes = steps.flatMap(({ intendedAt, deadlineAt }) => [intendedAt, deadlineAt]);
  const times = [requestedAt, startedAt, ...stepTimes, verification?.nextLookAt, endedAt];
  return times.filter((time) => time !== undefined).reduce((a, b) => (a > b ? a : b));
}

/** The plan that began last in the cluster, '' for none. */
export async function readLastStarted(deps: Pick<Deps, 'items'>, cluster: string): Promise<string> {
  const item = await deps.items.get(lastStartedKey(cluster));
  return String(item?.attributes['planId'] ?? '');
}
