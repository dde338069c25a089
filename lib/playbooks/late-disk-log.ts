import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { KernelLine } from '../evidence/values.ts';

/** What the kernel log says about the order of "STATE missing" and "the system disk is there". */
export type LateDiskLog =
  | { readonly order: 'disk came later'; readonly missing: KernelLine; readonly attached: KernelLine }
  | { readonly order: 'disk came first' }
  | { readonly order: 'not told' };

const STATE_VOLUME = /"volume": ?"STATE"/;
const BECAME_MISSING = /"phase": ?"[a-z]{1,20} ?-> ?missing"/;

/**
 * Printed forms: `volume status {… "volume": "STATE", "phase": "waiting -> missing"}`, `sd 0:0:0:0: [sda] Attached
 * SCSI disk` and ` sda: sda1 sda2 …`. Lines of one kernel log are in the order of time. As in siderolabs/talos#9927.
 * `diskId`: kernel name of the system disk.
 */
export function lateDiskLog({ readings }: Evidence, diskId: string | undefined): LateDiskLog {
  const lines = readValue(readings.kernelLog);
  if (lines === undefined || diskId === undefined || diskId === '') return { order: 'not told' };
  const missingAt = lines.findIndex(({ message }) => STATE_VOLUME.test(message) && BECAME_MISSING.test(message));
  const attachedAt = lines.findIndex(({ message }) => isAttached(message, diskId));
  const missing = lines[missingAt];
  const attached = lines[attachedAt];
  if (missing === undefined || attached === undefined) return { order: 'not told' };
  return missingAt < attachedAt ? { order: 'disk came later', missing, attached } : { order: 'disk came first' };
}

function isAttached(message: string, diskId: string): boolean {
  if (message.includes(`[${diskId}] Attached`)) return true;
  const text = message.trimStart();
  return text.startsWith(`${diskId}: `) && text.startsWith(diskId, diskId.length + 2);
}
