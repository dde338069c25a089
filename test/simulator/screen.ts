import type { Simulated } from './simulated.ts';

/** What stands on the screen of a machine. While nobody answers at its port only a person in front of it can read that. */
export const screenOf = (world: Simulated, name: string): string =>
  (world.cluster.state.nodes[name]?.boot?.kernelLog ?? []).map(({ text }) => text).join('\n');
