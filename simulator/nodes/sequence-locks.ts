import type { CallContext } from './call-context.ts';
import { hasFault } from './forward.ts';
import { uuidFrom } from './identity.ts';
import type { Order } from './orders.ts';
import { bootOf, sequence } from './record.ts';
import type { NodeState } from './state.ts';
import { minorOf } from './version.ts';

/** Which running sequence gives way to which. Source: sequencer.go, sequenceTakeOver. */
const GIVES_WAY_TO: Readonly<Record<string, readonly string[]>> = {
  initialize: ['maintenanceUpgrade'],
  boot: ['reboot', 'reset', 'upgrade'],
  reboot: ['reboot'],
  reset: ['reboot'],
};

export function isLocked(node: NodeState, wanted: Order['sequence']): boolean {
  const running = node.boot?.sequence;
  if (running === undefined || wanted === 'shutdown') return false;
  if (running === 'initialize' && wanted === 'reboot') return minorOf(node.physical.version) <= 12;
  return GIVES_WAY_TO[running]?.includes(wanted) !== true;
}

/** Without the actor: whoever asked finds the refusal by its time alone. Source: v1alpha1_controller.go, Run. */
export const refuseLocked = (node: NodeState, at: number, wanted: Order['sequence']): void =>
  sequence(node, at, wanted, 'NOOP', '', { code: 'LOCKED', message: 'sequence not started: locked' });

const STARTS_AFTER_MS = 100;

/** Answers with the actor at once; the sequence starts behind the caller's back, or does not. */
export function runSequence({ around, node }: CallContext, method: string, order: Order): string {
  const boot = bootOf(node);
  boot.actorCount = (boot.actorCount ?? 0) + 1;
  const actorId = uuidFrom('actor', around.state.seed, boot.id, String(boot.actorCount));
  if (isLocked(node, order.sequence) || hasFault(node, 'locked') || hasFault(node, 'locked', method)) {
    refuseLocked(node, around.now(), order.sequence);
  } else {
    around.engine.plan(node, STARTS_AFTER_MS, { kind: 'sequence_starts', actorId, order });
  }
  around.touch(node);
  return actorId;
}
