import { activeConfigOf } from './active-config.ts';
import { bootFails } from './boot-failure.ts';
import { uuidFrom } from './identity.ts';
import { perBoot } from './physical.ts';
import { bootOf, kernel, phase, volume, volumeFails } from './record.ts';
import type { NodeState } from './state.ts';
import { after, type Next } from './step.ts';

/** EPHEMERAL on its way to /var. Without it no service of Kubernetes starts. */

const MOUNT = { phase: 'ephemeral', task: 'mountEphemeralPartition', n: '12/15' } as const;

/** A partition that is not there is made, encrypted where the config wants it. */
export function locatesEphemeral(node: NodeState, at: number): void {
  const { disk } = node.physical;
  if (disk.partitions && !disk.partitions.EPHEMERAL) {
    disk.partitions.EPHEMERAL = true;
    disk.partitionUuids.EPHEMERAL = uuidFrom('EPHEMERAL', bootOf(node).id);
    if (activeConfigOf(node)?.encryptsEphemeral) disk.encrypted = { opensAfterMs: [0], error: '' };
  }
  volume(node, at, 'EPHEMERAL', 'waiting', 'located');
}

/** True: it is mounted, and the boot goes on. Else what happens next. */
export function mountsEphemeral(node: NodeState, at: number): true | Next[] {
  const boot = bootOf(node);
  const { disk } = node.physical;
  if (disk.encrypted === undefined && activeConfigOf(node)?.encryptsEphemeral) {
    volumeFails(node, at, 'EPHEMERAL', 'error encrypting volume: filesystem type mismatch: xfs != luks');
    phase(node, at, 'sizecheck', 'diskSizeCheck', '11/15');
    return [];
  }
  const opensAt = boot.startedAt + (disk.encrypted ? perBoot(disk.encrypted.opensAfterMs, boot.number) : 0);
  if (disk.encrypted && opensAt > at) {
    volumeFails(node, at, 'EPHEMERAL', disk.encrypted.error);
    return [after(opensAt - at, { kind: 'ephemeral_opens' })];
  }
  volume(node, at, 'EPHEMERAL', 'provisioned', 'prepared', 'ready');
  return disk.ephemeralRepairMs === undefined ? true : repairs(node, at, disk.ephemeralRepairMs);
}

const PARTITION = 6;
function repairs(node: NodeState, at: number, takesMs: number): Next[] {
  const disk = node.physical.hardware.disks.find(({ isSystem }) => isSystem);
  const device = `XFS (${disk?.name}${PARTITION})`;
  const lsn = 'Metadata has LSN (90:781352) ahead of current LSN (1:0)';
  kernel(node, at, `${device}: Mounting V5 Filesystem`, 'notice');
  kernel(
    node,
    at,
    `${device}: Corruption warning: ${lsn}. Please unmount and run xfs_repair (>= v4.3) to resolve.`,
    'warning',
  );
  kernel(node, at, `${device}: log mount failed`, 'warning');
  phase(node, at, MOUNT.phase, MOUNT.task, MOUNT.n);
  return [after(takesMs, { kind: 'repair_fails' })];
}

export function repairFails(node: NodeState, at: number): Next[] {
  const cause = 'error mounting: 1 error(s) occurred:\n\terror repairing: xfs_repair: exit status 1';
  return bootFails(node, at, { ...MOUNT, cause });
}
