import type { Deps } from './deps.ts';
import { readInventory, targetOf } from './inventory.ts';
import { openIncidentKey } from './keys.ts';
import type { PatrolNode } from './look-over.ts';

/** All nodes that the inventory knows of a cluster. Only those that an open incident names may be met in maintenance mode. */
export async function patrolNodesOf(deps: Pick<Deps, 'items'>, cluster: string): Promise<readonly PatrolNode[]> {
  const [entries, open] = await Promise.all([
    readInventory(deps, cluster),
    deps.items.query(openIncidentKey(cluster, '').pk, { skPrefix: 'NODE#' }),
  ]);
  const named = new Set(open.map(({ sk }) => sk));
  return entries.map((entry) => {
    const hasIncident = named.has(`NODE#${entry.name}`);
    return { target: targetOf(entry), entry, hasIncident, mayEnterMaintenance: hasIncident };
  });
}
