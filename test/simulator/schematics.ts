import type { Simulated } from './simulated.ts';

/** Stores a schematic in the factory that the simulated nodes pull from, as anybody does; its id. */
export async function createSchematic({ cluster }: Pick<Simulated, 'cluster'>, yaml: string): Promise<string> {
  const answer = await fetch(`${cluster.world.factory}/schematics`, { method: 'POST', body: yaml });
  const text = await answer.text();
  const id = /"id":"([0-9a-f]{64})"/.exec(text)?.[1];
  if (answer.status !== 201 || id === undefined) throw new Error(text);
  return id;
}
