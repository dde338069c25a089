import * as z from 'zod';
import { DURATION, durationMs } from './duration.ts';

/** What the parts of a scenario's schema share. Editors show the descriptions of keys: a line each. */

/** A machine lives through what was before it is looked at, boot by boot: a year is done in a moment, an age is not. */
const MAX_MS = 366 * 86_400_000;
const A_DURATION = 'expected a duration such as "95s", "4m" or "2h", up to "366d"';

export const Duration = z
  .string(A_DURATION)
  .regex(DURATION, A_DURATION)
  .refine((text) => (durationMs(text) ?? 0) <= MAX_MS, A_DURATION)
  .transform((text) => durationMs(text) ?? 0);

export const PerBoot = z.array(Duration).min(1, 'one entry per boot, at least one: the last one repeats');

/** Later than anything that is looked at. */
export const NEVER_MS = 1000 * 365 * 86_400_000;
export const DurationOrNever = z.union([z.literal('never').transform(() => NEVER_MS), Duration]);
export const PerBootOrNever = z.array(DurationOrNever).min(1, 'one entry per boot, at least one: the last one repeats');

export const TalosVersion = z
  .string()
  .regex(/^v1\.(?:[89]|1[0-4])\.\d+$/, 'expected a Talos version from v1.8.0 to v1.14.x');
