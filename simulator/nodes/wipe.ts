import type { WipeLabel } from './orders.ts';
import { talos } from './record.ts';
import type { NodeState } from './state.ts';

/** What a reset erases. A partition goes from the partition table too, and is made again when it is needed. */

/** Key of META that says how STATE is encrypted. */
const STATE_ENCRYPTION = '0x09';

function forgetState(node: NodeState): void {
  node.physical.disk.config = undefined;
  node.physical.disk.nodeId = undefined;
}

const TROUBLES = ['ephemeralRepairMs', 'encrypted', 'ephemeralBytes', 'usedShare', 'hasCorruptRecords'] as const;

/** Logs, images, Kubernetes' and etcd's data. */
function forgetEphemeral(node: NodeState): void {
  const { physical } = node;
  delete physical.disk.images;
  delete physical.etcdFile;
  physical.disk.etcdData = 'none';
  for (const trouble of TROUBLES) delete physical.disk[trouble];
}

export function wipePartitions(node: NodeState, at: number, labels: readonly WipeLabel[]): void {
  const { physical } = node;
  const { partitions } = physical.disk;
  for (const label of labels) {
    talos(node, at, `task resetSystemDiskSpec (1/1): wiping volume ${label}`);
    if (partitions) partitions[label] = false;
    if (label === 'STATE') forgetState(node);
    if (label === 'EPHEMERAL') forgetEphemeral(node);
    if (label === 'META') delete physical.metaKeys;
  }
  if (labels.includes('STATE') && physical.metaKeys?.[STATE_ENCRYPTION] !== undefined) {
    delete physical.metaKeys[STATE_ENCRYPTION];
    talos(node, at, 'task resetSystemDiskSpec (1/1): reset the state encryption META config tag');
  }
  talos(node, at, 'task resetSystemDiskSpec (1/1): successfully reset system disk by the spec');
}

/** With it go the boot loader and both boot entries: the machine does not start from this disk any more. */
export function wipeDisk(node: NodeState, at: number): void {
  const { physical } = node;
  const disk = physical.hardware.disks.find(({ isSystem }) => isSystem);
  talos(node, at, `task resetSystemDisk (1/1): wiping system disk /dev/${disk?.name}`);
  physical.disk.partitions = undefined;
  physical.disk.isUnbootable = true;
  forgetState(node);
  forgetEphemeral(node);
  delete physical.metaKeys;
  delete physical.previous;
  delete physical.next;
}

export function wipeUserDisks(node: NodeState, at: number, paths: readonly string[]): void {
  for (const path of paths) talos(node, at, `task resetUserDisks (1/1): wiping user disk ${path}`);
}
