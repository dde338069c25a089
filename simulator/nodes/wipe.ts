import type { Partition } from './sequences.ts';
import type { NodeState } from './state.ts';

/** STATE encryption's META key goes with STATE. Source: v1alpha1_sequencer_tasks.go. */
const STATE_ENCRYPTION = '0x09';

/** What a reset leaves: of the whole disk nothing, not even what boots; else boot entries, META and what was not named. */
export function wipe({ physical }: NodeState, what: readonly Partition[] | 'disk'): void {
  const { disk } = physical;
  const isGone = (label: Partition) => what === 'disk' || what.includes(label);
  if (isGone('STATE')) {
    disk.config = undefined;
    disk.nodeId = undefined;
    const { [STATE_ENCRYPTION]: _, ...others } = physical.metaKeys ?? {};
    if (physical.metaKeys !== undefined) physical.metaKeys = others;
  }
  if (isGone('EPHEMERAL')) {
    disk.images = [];
    disk.hasEtcdData = false;
  }
  if (isGone('META')) physical.metaKeys = undefined;
  if (what === 'disk') disk.partitions = undefined;
  else for (const label of what) if (disk.partitions !== undefined) disk.partitions[label] = false;
}
