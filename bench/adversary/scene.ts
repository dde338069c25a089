import type { Shared } from './medic.ts';
import type { Random } from './random.ts';
import type { Process } from './scheduler.ts';

export type Scene = {
  readonly shared: Shared;
  /** Of this move alone. */
  readonly random: Random;
  readonly processes: Process[];
  /** What was begun; it may go on for long. */
  readonly working: Promise<unknown>[];
};
