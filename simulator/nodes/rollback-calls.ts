import { status } from '@grpc/grpc-js';
import type { RollbackResponse } from '../../lib/talos/generated/machine/machine.ts';
import { type Refusal, refusal } from './access.ts';
import { revertEntry } from './boot-entries.ts';
import type { Answer, CallContext } from './call-context.ts';
import { journalled } from './journal-calls.ts';
import { REBOOT } from './orders.ts';
import type { Physical } from './state.ts';

function check({ disk, next, previous }: Physical): Refusal | undefined {
  if (disk.partitions?.META !== true) return refusal(status.FAILED_PRECONDITION, 'system disk not found');
  if (next !== undefined || previous !== undefined) return undefined;
  return refusal(status.UNKNOWN, 'cannot rollback to "", label does not exist');
}

/** Reboots whatever else is going on, and nobody is its actor. Source: v1alpha1_server.go, Rollback. */
export function rollback(context: CallContext): Answer<RollbackResponse> {
  const { around, node } = context;
  return journalled(context, 'Rollback', {}, check(node.physical), () => {
    revertEntry(node.physical);
    around.engine.plan(node, 100, { kind: 'sequence_starts', actorId: '', order: REBOOT, takesOver: true });
    around.touch(node);
    return { messages: [{}] };
  });
}
