import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type { ResetRequest, ResetResponse } from '../../lib/talos/generated/machine/machine.ts';
import { type Refusal, refusal } from './access.ts';
import { type Answer, answer, type CallContext, refuse } from './call-context.ts';
import { hasFault } from './forward.ts';
import { journal } from './journal-calls.ts';
import { bootOf } from './record.ts';
import { mayTakeOver, type Partition, refuseLocked } from './sequences.ts';
import { minorOf } from './version.ts';

const WIPEABLE: readonly Partition[] = ['META', 'STATE', 'EPHEMERAL'];
const isWipeable = (label: string): label is Partition => WIPEABLE.some((known) => known === label);
const unknown = (text: string): Refusal => refusal(status.UNKNOWN, text);

/** Source: Reset in v1alpha1_server.go. The texts differ by version, and so does what `wipe: false` means. */
function checkReset(context: CallContext, request: ResetRequest): Refusal | undefined {
  const { node } = context;
  const { mode, systemPartitionsToWipe: partitions, userDisksToWipe: disks } = request;
  const invalid = 'reset failed: invalid input, wipe mode';
  if (mode === 'SYSTEM_DISK' && disks.length > 0) {
    return unknown(`${invalid} SYSTEM_DISK doesn't support UserDisksToWipe parameter`);
  }
  if (mode === 'USER_DISKS' && partitions.length > 0) {
    return unknown(`${invalid} USER_DISKS doesn't support SystemPartitionsToWipe parameter`);
  }
  const [device] = disks;
  if (device !== undefined) return unknown(`reset user disk failed: device ${device} wasn't found`);
  for (const { label } of partitions) {
    const phase = isWipeable(label) ? bootOf(node).volumes[label]?.phase : undefined;
    if (phase === undefined) {
      const cause = `resource VolumeStatuses.block.talos.dev(runtime/${label}@undefined) doesn't exist`;
      return unknown(`failed to get volume status with label ${JSON.stringify(label)}: ${cause}`);
    }
    if (phase === 'ready') continue;
    const word = minorOf(node.physical.version) <= 8 ? 'ready' : 'located';
    return unknown(`failed to reset: volume ${JSON.stringify(label)} is not ${word}`);
  }
  return undefined;
}

/** `wipe: false` names nothing to wipe, and up to 1.9 a list of nothing is the whole disk. */
function wiped({ node }: CallContext, { mode, systemPartitionsToWipe }: ResetRequest): readonly Partition[] | 'disk' {
  if (mode === 'USER_DISKS') return [];
  const labels = systemPartitionsToWipe
    .filter((entry) => entry.wipe)
    .map(({ label }) => label)
    .filter(isWipeable);
  if (systemPartitionsToWipe.length === 0) return 'disk';
  return labels.length === 0 && minorOf(node.physical.version) <= 9 ? 'disk' : labels;
}

export function reset(context: CallContext, request: ResetRequest): Answer<ResetResponse> {
  const { around, node } = context;
  const refused = checkReset(context, request);
  const { graceful, reboot, mode, systemPartitionsToWipe } = request;
  journal(context, 'Reset', { graceful, reboot, mode, partitions: systemPartitionsToWipe }, false, refused);
  if (refused) return refuse(refused);
  const actorId = randomUUID();
  const run = { sequence: 'reset', actorId, wipe: wiped(context, request), graceful, powersOff: !reboot } as const;
  if (!mayTakeOver(node, 'reset') || hasFault(node, 'locked')) refuseLocked(node, around.now(), 'reset');
  else around.engine.plan(node, 100, { kind: 'sequence_starts', run });
  around.touch(node);
  return answer({ messages: [{ actorId }] });
}
