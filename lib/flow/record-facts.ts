import type { ActionTraits } from '../actions/action.ts';
import { clusterOf, type MedicConfig } from '../config/config.ts';
import type { InventoryEntry } from '../inventory/entry.ts';
import { actionStage } from '../playbooks/stage.ts';
import type { KnownRecord, RecordFacts } from '../safety/facts.ts';
import { Limits } from '../safety/limits.ts';
import { type IllNode, stormOf } from '../safety/storm.ts';
import type { Deps } from './deps.ts';
import { stagesIn } from './find.ts';
import type { KnownStanding, Standing } from './standing.ts';

/** The node that it is about. `health`: as just seen, or as the last diagnosis found it. */
export type About = {
  readonly entry: Pick<InventoryEntry, 'cluster' | 'name'>;
  readonly entries: readonly InventoryEntry[];
  readonly health: IllNode['health'] | undefined;
};
/** Names of the playbooks that suggest the action. */
type Suggested = { readonly suggestedBy: readonly string[] };

/** What gates may know without asking a node. */
export function recordFacts(
  deps: Pick<Deps, 'config' | 'now'>,
  about: About & Suggested,
  action: ActionTraits,
  { lease, record }: Standing,
): RecordFacts {
  const limits = limitsOf(deps.config, about.entry.cluster);
  const now = deps.now().toISOString();
  const { suggestedBy } = about;
  const playbookStage = actionStage(stagesIn(deps.config, about.entry.cluster), suggestedBy);
  const known = record.known === 'yes' ? { known: 'yes' as const, ...knownRecord(deps, about, record) } : record;
  return { action, now, limits, playbookStage, suggestedBy, lease, hasBegun: false, record: known };
}

export function knownRecord(
  { config, now }: Pick<Deps, 'config' | 'now'>,
  { entry, entries, health }: About,
  { freeze, open, stormUntil, past }: KnownStanding['record'],
): KnownRecord {
  const ill = open.map((one) => (one.node === entry.name && health !== undefined ? { ...one, health } : one));
  return {
    freeze,
    storm: stormOf(ill, stormUntil, limitsOf(config, entry.cluster), now().toISOString()),
    past,
    others: entries
      .filter(({ name }) => name !== entry.name)
      .map(({ name, role, version }) => {
        return { name, role, version, incident: open.find(({ node }) => node === name)?.health ?? 'none' };
      }),
    silentSince: open.find(({ node }) => node === entry.name)?.silentSince,
  };
}

/** A cluster that is not configured any more has the defaults, and nothing is done in it. */
const limitsOf = (config: MedicConfig, cluster: string): Limits => clusterOf(config, cluster) ?? Limits.parse({});
