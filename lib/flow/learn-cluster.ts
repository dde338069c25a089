import { learn } from '../inventory/learn.ts';
import type { NodeTarget, TalosReader } from '../talos/talos.ts';
import type { Deps } from './deps.ts';
import { readInventory, writeInventory } from './inventory.ts';

/**
 * Looks at every node of a cluster, read-only, and writes down what each is while it is well. Returns the names that
 * could not be learned from: silent, in maintenance, or not running.
 */
export async function learnCluster(
  deps: Pick<Deps, 'items' | 'now'> & { readonly talos: TalosReader },
  nodes: readonly NodeTarget[],
): Promise<readonly string[]> {
  const cluster = nodes[0]?.cluster ?? '';
  const known = await readInventory(deps, cluster);
  const learned = await Promise.all(
    nodes.map(async (node) => {
      const evidence = await deps.talos.collect(node, { peers: [], mayEnterMaintenance: false });
      const previous = known.find(({ name }) => name === node.name);
      const place = { cluster, name: node.name, role: node.role, addresses: [node.address] };
      const entry = learn(previous, evidence, place, deps.now().toISOString());
      if (entry !== undefined) await writeInventory(deps, entry);
      return entry === undefined ? [node.name] : [];
    }),
  );
  return learned.flat();
}
