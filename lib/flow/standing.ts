import * as z from 'zod';
import type { Freeze, LeaseFact, PastAction } from '../safety/facts.ts';
import type { Deps } from './deps.ts';
import { freezeKey, stormKey } from './keys.ts';
import { readLease } from './lease.ts';
import { type OpenIncident, readOpenIncidents } from './open-incidents.ts';
import { readPastActions } from './past-actions.ts';

/** What is on record about a cluster and one of its nodes, as gates need it. */
export type KnownStanding = {
  readonly lease: LeaseFact;
  readonly record: {
    readonly known: 'yes';
    readonly freeze: Freeze | undefined;
    readonly open: readonly OpenIncident[];
    /** End of the last storm that was seen. */
    readonly stormUntil: string | undefined;
    readonly past: readonly PastAction[];
  };
};
/** `no`: there was no record to ask. */
export type Standing = KnownStanding | { readonly lease: LeaseFact; readonly record: { readonly known: 'no' } };

/** Nothing ever happened: a cluster of its own, for one look. */
export const CALM: Standing = {
  lease: { state: 'free' },
  record: { known: 'yes', freeze: undefined, open: [], stormUntil: undefined, past: [] },
};
/** No database was asked. */
export const UNKNOWN: Standing = { lease: { state: 'unknown' }, record: { known: 'no' } };

/** `planId`: the plan that asks, '' for none. */
export async function readStanding(
  deps: Pick<Deps, 'items' | 'ledger' | 'now'>,
  cluster: string,
  node: string,
  planId: string,
): Promise<KnownStanding> {
  const [lease, freeze, open, storm, past] = await Promise.all([
    readLease(deps, cluster, planId),
    readFreeze(deps, cluster),
    readOpenIncidents(deps, cluster),
    deps.items.get(stormKey(cluster)),
    readPastActions(deps, cluster, node, planId),
  ]);
  const stormUntil = storm && Storm.parse(storm.attributes).until;
  return { lease, record: { known: 'yes', freeze, open, stormUntil, past } };
}

const FreezeItem = z.object({ by: z.string(), reason: z.string(), at: z.string() });
const Storm = z.object({ until: z.string() });

export async function readFreeze({ items }: Pick<Deps, 'items'>, cluster: string): Promise<Freeze | undefined> {
  const item = await items.get(freezeKey(cluster));
  return item && FreezeItem.parse(item.attributes);
}

/** A storm that is over by its own incidents still has its time to cool down. */
export async function keepStorm({ items }: Pick<Deps, 'items'>, cluster: string, until: string): Promise<void> {
  const untilMs = Date.parse(until);
  const when = { is: 'absent_or_below' as const, below: { untilMs } };
  await items.write({ do: 'put', key: stormKey(cluster), attributes: { until, untilMs }, when });
}
