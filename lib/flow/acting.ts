import type { Planning } from './prepare-plan.ts';

export type Acting = Planning & {
  /** Waits between looks in ms, by number of looks so far; the last one repeats. Design section 5: 10, 20, 30, 60 s. */
  readonly lookAgainMs: readonly number[];
};

export const lookAgainAfter = (waits: readonly number[], looks: number): number => waits[looks] ?? waits.at(-1) ?? 0;
