import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { forgetEntry, readInventory } from '../lib/flow/inventory.ts';
import { learnCluster } from '../lib/flow/learn-cluster.ts';
import type { ClusterAccess, NodeTarget, TalosReader } from '../lib/talos/talos.ts';
import { World } from '../simulator/world.ts';
import { accessOf, targetsOf } from './simulated-access.ts';

type Deps = Parameters<typeof learnCluster>[0];

/** The simulated cluster as its folder says it now: a scenario may bring other nodes, or other certificates of ours. */
export type LiveWorld = {
  /** Its identities are those of the last refresh. */
  readonly access: ClusterAccess;
  readonly targets: () => readonly NodeTarget[];
  readonly refresh: () => Promise<void>;
};

export async function liveWorld(folder: string, first: World): Promise<LiveWorld> {
  let world = first;
  let access = await accessOf(folder, world);
  return {
    access: {
      ...access,
      get reader() {
        return access.reader;
      },
      get operator() {
        return access.operator;
      },
      get admin() {
        return access.admin;
      },
    },
    targets: () => targetsOf(world),
    async refresh() {
      world = World.parse(JSON.parse(await readFile(join(folder, 'world.json'), 'utf8')));
      access = await accessOf(folder, world);
    },
  };
}

/** Learns the nodes that there are, and forgets those that are gone. Returns who was not learned from. */
export async function learnWorld(
  deps: Omit<Deps, 'talos'>,
  talos: TalosReader,
  targets: readonly NodeTarget[],
): Promise<readonly string[]> {
  const names = new Set(targets.map(({ name }) => name));
  const gone = (await readInventory(deps, targets[0]?.cluster ?? '')).filter(({ name }) => !names.has(name));
  await Promise.all(gone.map((entry) => forgetEntry(deps, entry)));
  return learnCluster({ ...deps, talos }, targets);
}
