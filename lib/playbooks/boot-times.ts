import { bootFacts, SAME_BOOT_WITHIN_S } from '../evidence/boot.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Facts } from './finding.ts';

/** How long the boot sequence waits for all services. Source: siderolabs/talos, constants.BootTimeout. */
export const BOOT_TIMEOUT_MS = 70 * 60_000;
/**
 * From one boot to the next where each one fails by that timeout: it comes after the first phases of the boot, and
 * before the firmware's part of the next one. Seen: up to 1.5 h (siderolabs/talos#9904).
 */
const LONGEST_TIMED_OUT_MS = 90 * 60_000;

/** Boots in Unix seconds, oldest first: those of the inventory and the one that is looked at. */
function bootTimesS(evidence: Evidence, inventory: Facts['inventory']): readonly number[] {
  const { bootTimeS } = bootFacts(evidence);
  const known = (inventory?.boots ?? []).map((boot) => boot.bootTimeS);
  const all = [...known, ...(bootTimeS === undefined ? [] : [bootTimeS])].toSorted((a, b) => a - b);
  return all.filter((time, n) => n === 0 || time - (all[n - 1] ?? 0) > SAME_BOOT_WITHIN_S);
}

/**
 * Milliseconds between the last boots, oldest first, as long as each is what a boot that times out takes. A clock that
 * is set anew moves a boot time, so one interval alone says little.
 */
export function timedOutBootsMs(evidence: Evidence, inventory: Facts['inventory']): readonly number[] {
  const times = bootTimesS(evidence, inventory);
  const intervals = times.slice(1).map((time, n) => (time - (times[n] ?? 0)) * 1000);
  const isTimeout = (ms: number): boolean => ms >= BOOT_TIMEOUT_MS && ms <= LONGEST_TIMED_OUT_MS;
  return intervals.slice(intervals.findLastIndex((ms) => !isTimeout(ms)) + 1);
}
