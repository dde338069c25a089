import type { InventoryEntry } from '../inventory/entry.ts';
import { learn } from '../inventory/learn.ts';
import type { NodeTarget, TalosReader } from '../talos/talos.ts';
import type { Deps } from './deps.ts';
import { readInventory, writeInventory } from './inventory.ts';

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

/** The same, kept. Returns the names that could not be learned from: silent, in maintenance, or not running. */
export async function learnCluster(
  deps: Pick<Deps, 'items' | 'now'> & { readonly talos: TalosReader },
  nodes: readonly NodeTarget[],
): Promise<readonly string[]> {
  const known = await readInventory(deps, nodes[0]?.cluster ?? '');
  const learned = await learnEntries(deps.talos, known, nodes, deps.now().toISOString());
  for (const entry of learned) await writeInventory(deps, entry);
  return nodes.map(({ name }) => name).filter((name) => !learned.some((entry) => entry.name === name));
}
