import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { RunningConfig } from '../talos/orders.ts';

/** How Talos logs a request, before it is carried out: `mode staged`, `mode auto(no_reboot)`. */
const APPLIED = /apply config request: mode ([a-z_]{1,20})/;
/** talosctl's default is a minute; nobody watches a try for longer than this. */
const TRY_MAX_MS = 60 * 60_000;

/**
 * One sentence when somebody tries a config out, or has staged one: any apply, also a dry run, ends a try, and what is
 * merged into the one on disk is not what runs.
 */
export function tryPending(evidence: Evidence, { active, onDisk }: RunningConfig): string | undefined {
  if (onDisk !== undefined && onDisk !== active)
    return 'The node runs another config than the one on its disk: somebody tries one out, or has staged one. Wait, or reboot it first.';
  const last = (readValue(evidence.readings.kernelLog) ?? []).findLast(({ message }) => APPLIED.test(message));
  const isTry = APPLIED.exec(last?.message ?? '')?.[1] === 'try';
  if (!isTry || last?.at === undefined) return undefined;
  const ageMs = Date.parse(evidence.collectedAt) - Date.parse(last.at);
  return onDisk === undefined && ageMs < TRY_MAX_MS
    ? `Somebody tries a config out since ${last.at}; it may still be taken back. Wait, then plan again.`
    : undefined;
}
