import { status } from '@grpc/grpc-js';
import type { ResetRequest, ResetResponse } from '../../lib/talos/generated/machine/machine.ts';
import { type Refusal, refusal } from './access.ts';
import type { Answer, CallContext } from './call-context.ts';
import { journalled } from './journal-calls.ts';
import type { ResetOrder, WipeLabel } from './orders.ts';
import { bootOf } from './record.ts';
import { visibleDisks } from './resources-block.ts';
import { runSequence } from './sequence-locks.ts';
import type { NodeState } from './state.ts';
import { minorOf } from './version.ts';

const failed = (text: string): Refusal => refusal(status.UNKNOWN, text);

/** Source of all that is checked here: v1alpha1_server.go, Reset. */
function checkUserDisks(node: NodeState, { mode, userDisksToWipe }: ResetRequest): Refusal | undefined {
  if (userDisksToWipe.length === 0) return undefined;
  if (mode === 'SYSTEM_DISK') {
    return failed("reset failed: invalid input, wipe mode SYSTEM_DISK doesn't support UserDisksToWipe parameter");
  }
  for (const path of userDisksToWipe) {
    const disk = visibleDisks(node).find(({ name }) => `/dev/${name}` === path);
    if (disk === undefined) return failed(`reset user disk failed: device ${path} wasn't found`);
    if (disk.isSystem) return failed(`reset user disk failed: device ${path} is the system disk`);
  }
  return undefined;
}

const LOCATED: ReadonlySet<string | undefined> = new Set(['located', 'provisioned', 'prepared', 'ready']);
const isLabel = (label: string): label is WipeLabel => label === 'META' || label === 'STATE' || label === 'EPHEMERAL';

/** Directories of EPHEMERAL that 1.14 could have given a partition of their own. Source: volumeconfig/system_volumes.go. */
const ON_EPHEMERAL = new Set(['ETCD', 'CRI', 'KUBELET', 'LOG']);

/** Such a volume goes with the one that it resides on, or not at all. */
function checkNested(label: string, { systemPartitionsToWipe }: ResetRequest): Refusal | undefined {
  if (systemPartitionsToWipe.some((one) => one.label === 'EPHEMERAL' && one.wipe)) return undefined;
  const [own, parent] = [JSON.stringify(label), '"EPHEMERAL"'];
  const why = `resides on volume ${parent}, and therefore ${own} cannot be wiped without wiping ${parent}`;
  return failed(`failed to reset: volume ${own} ${why}`);
}

function checkLabel(node: NodeState, label: string, request: ResetRequest): Refusal | undefined {
  const minor = minorOf(node.physical.version);
  if (minor >= 14 && ON_EPHEMERAL.has(label) && bootOf(node).volumes['EPHEMERAL'] !== undefined) {
    return checkNested(label, request);
  }
  const volume = bootOf(node).volumes[label];
  const quoted = JSON.stringify(label);
  if (volume === undefined || !isLabel(label)) {
    const absent = `resource VolumeStatuses.block.talos.dev(runtime/${label}@undefined) doesn't exist`;
    return failed(`failed to get volume status with label ${quoted}: ${absent}`);
  }
  if (minor <= 8) {
    return volume.phase === 'ready' ? undefined : failed(`failed to reset: volume ${quoted} is not ready`);
  }
  if (LOCATED.has(volume.phase) && node.physical.disk.partitions?.[label] === true) return undefined;
  const alone = minor >= 14 ? " and doesn't reside on another volume" : '';
  return failed(`failed to reset: volume ${quoted} is not located${alone}`);
}

function checkPartitions(node: NodeState, request: ResetRequest): Refusal | undefined {
  const { mode, systemPartitionsToWipe } = request;
  if (systemPartitionsToWipe.length === 0) return undefined;
  if (mode === 'USER_DISKS') {
    return failed("reset failed: invalid input, wipe mode USER_DISKS doesn't support SystemPartitionsToWipe parameter");
  }
  for (const { label } of systemPartitionsToWipe) {
    const refused = checkLabel(node, label, request);
    if (refused) return refused;
  }
  return undefined;
}

/** An entry without `wipe` is no target. A list of nothing else was, up to 1.9, the same as no list: the whole disk. */
function systemOf(node: NodeState, { mode, systemPartitionsToWipe }: ResetRequest): ResetOrder['system'] {
  if (mode === 'USER_DISKS') return 'left alone';
  if (systemPartitionsToWipe.length === 0) return 'disk';
  const labels = systemPartitionsToWipe.filter(({ wipe }) => wipe).map(({ label }) => label);
  const targets = labels.filter(isLabel);
  if (targets.length > 0) return targets;
  return minorOf(node.physical.version) <= 9 ? 'disk' : 'nothing';
}

export function reset(context: CallContext, request: ResetRequest): Answer<ResetResponse> {
  const { node } = context;
  const { graceful, reboot, mode, userDisksToWipe, systemPartitionsToWipe } = request;
  const facts = { graceful, reboot, mode, systemPartitionsToWipe, userDisksToWipe };
  const refused = checkUserDisks(node, request) ?? checkPartitions(node, request);
  return journalled(context, 'Reset', facts, refused, () => {
    const system = systemOf(node, request);
    const userDisks = mode === 'SYSTEM_DISK' ? [] : userDisksToWipe;
    const actorId = runSequence(context, 'Reset', { sequence: 'reset', graceful, reboot, system, userDisks });
    return { messages: [{ actorId }] };
  });
}
