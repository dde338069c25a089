import type { Planning } from './prepare-plan.ts';

export type Acting = Planning & {
  /** Waits between looks in ms, by number of looks so far; the last one repeats. Source: local/settings.ts. */
  readonly lookAgainMs: readonly number[];
};

export const lookAgainAfter = (waits: readonly number[], looks: number): number => waits[looks] ?? waits.at(-1) ?? 0;
