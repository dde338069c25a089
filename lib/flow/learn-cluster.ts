import type { InventoryEntry } from '../inventory/entry.ts';
import { learn } from '../inventory/learn.ts';
import type { NodeTarget, TalosReader } from '../talos/talos.ts';
import type { Deps } from './deps.ts';
import { readInventory, writeInventory } from './inventory.ts';
import { openIncidentKey } from './keys.ts';

/** Looks at nodes, read-only, and says what each is while it is well. Nodes that are not well are left out. */
export async function learnEntries(
  talos: TalosReader,
  known: readonly InventoryEntry[],
  nodes: readonly NodeTarget[],
  now: string,
): Promise<readonly InventoryEntry[]> {
  const learned = await Promise.all(
    nodes.map(async (node) => {
      const evidence = await talos.collect(node, { peers: [], mayEnterMaintenance: false });
      const previous = known.find(({ name }) => name === node.name);
      const place = { cluster: node.cluster, name: node.name, role: node.role, addresses: [node.address] };
      return learn(previous, evidence, place, now);
    }),
  );
  return learned.filter((entry) => entry !== undefined);
}

/**
 * The same, kept, without the nodes that have an open incident: those are learned from when it closes. Returns the names
 * that were not learned from: silent, in maintenance, not running, or with an open incident.
 */
export async function learnCluster(
  deps: Pick<Deps, 'items' | 'now'> & { readonly talos: TalosReader },
  nodes: readonly NodeTarget[],
): Promise<readonly string[]> {
  const cluster = nodes[0]?.cluster ?? '';
  const known = await readInventory(deps, cluster);
  const open = await deps.items.query(openIncidentKey(cluster, '').pk, { skPrefix: 'NODE#' });
  const quiet = nodes.filter(({ name }) => !open.some(({ sk }) => sk === `NODE#${name}`));
  const learned = await learnEntries(deps.talos, known, quiet, deps.now().toISOString());
  await Promise.all(learned.map((entry) => writeInventory(deps, entry)));
  return nodes.map(({ name }) => name).filter((name) => !learned.some((entry) => entry.name === name));
}
