import { bootFacts } from '../evidence/boot.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';

/** Now, by the clock of the node. `isProven`: that clock was read, or is known to be in time. */
export function nodeNow({ readings, collectedAt }: Evidence): { readonly atMs: number; readonly isProven: boolean } {
  const told = Date.parse(readValue(readings.clock)?.nodeTime ?? '');
  if (!Number.isNaN(told)) return { atMs: told, isProven: true };
  return { atMs: Date.parse(collectedAt), isProven: readValue(readings.timeStatus)?.synced === true };
}

/**
 * When something that the node wrote down began. A time before the boot was written before the clock was set, so then
 * it is the boot. undefined: no time, or one that is still to come.
 */
export function beganAtMs(evidence: Evidence, at: string): number | undefined {
  const beganMs = Math.max(Date.parse(at), (bootFacts(evidence).bootTimeS ?? 0) * 1000);
  return beganMs <= nodeNow(evidence).atMs ? beganMs : undefined;
}

/** How long it has lasted on the node's clock. */
export function lastedMs(evidence: Evidence, at: string): number | undefined {
  const beganMs = beganAtMs(evidence, at);
  return beganMs === undefined ? undefined : nodeNow(evidence).atMs - beganMs;
}

const MINUTE_MS = 60_000;
export const minutes = (ms: number): string =>
  ms < 120 * MINUTE_MS ? `${Math.round(ms / MINUTE_MS)} min` : `${Math.round(ms / (60 * MINUTE_MS))} h`;

const MAX_TIME_MS = 8_640_000_000_000_000; // of a JavaScript date
export const isoTime = (ms: number): string =>
  Math.abs(ms) <= MAX_TIME_MS ? new Date(ms).toISOString() : `${Math.round(ms / 1000)} s after 1970`;
/** `10:08 UTC` */
export const clockTime = (ms: number): string => `${isoTime(ms).slice(11, 16)} UTC`;
