import type { InventoryEntry } from '../inventory/entry.ts';
import { InventoryEntry as Schema } from '../inventory/entry-schema.ts';
import type { NodeTarget } from '../talos/talos.ts';
import type { Deps } from './deps.ts';
import { inventoryKey } from './keys.ts';

/** All nodes of a cluster that were ever seen healthy, by name. */
export async function readInventory(deps: Pick<Deps, 'items'>, cluster: string): Promise<readonly InventoryEntry[]> {
  const items = await deps.items.query(inventoryKey(cluster, '').pk);
  return items.map(({ attributes }) => Schema.parse(JSON.parse(String(attributes['body']))));
}

export async function writeInventory(deps: Pick<Deps, 'items'>, entry: InventoryEntry): Promise<void> {
  const attributes = { body: JSON.stringify(entry) };
  await deps.items.write({ do: 'put', key: inventoryKey(entry.cluster, entry.name), attributes });
}

/** Of a node that is not part of the cluster any more. */
export async function forgetEntry(
  deps: Pick<Deps, 'items'>,
  { cluster, name }: Pick<InventoryEntry, 'cluster' | 'name'>,
): Promise<void> {
  await deps.items.write({ do: 'delete', key: inventoryKey(cluster, name) });
}

export const targetOf = (entry: InventoryEntry): NodeTarget => ({
  cluster: entry.cluster,
  name: entry.name,
  role: entry.role,
  address: entry.addresses[0] ?? '',
  lastKnownVersion: entry.version,
});

/** Control planes that can be asked about a node. */
export const peersOf = (entries: readonly InventoryEntry[], node: string): readonly NodeTarget[] =>
  entries.filter(({ role, name }) => role === 'controlplane' && name !== node).map(targetOf);
