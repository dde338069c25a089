import { GIB } from './identity.ts';
import type { NodeState } from './state.ts';

/** How full EPHEMERAL is, so that everybody who is asked says the same. */
const USED_SHARE = 0.22;
/** The database file of a member, most of it free. */
export const ETCD_FILE_BYTES = 48 * 1024 ** 2;

export function varUsage(node: NodeState): { readonly totalBytes: number; readonly usedBytes: number } {
  const { hardware, disk } = node.physical;
  const device = hardware.disks.find(({ isSystem }) => isSystem);
  const totalBytes = disk.ephemeralBytes ?? (device?.sizeBytes ?? 2 * GIB) - 2 * GIB;
  return { totalBytes, usedBytes: Math.floor(totalBytes * (disk.usedShare ?? USED_SHARE)) };
}
