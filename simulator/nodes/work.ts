import type { CallContext } from './call-context.ts';
import { bootOf } from './record.ts';
import type { NodeState } from './state.ts';
import type { Next, Step } from './step.ts';

/** Time that a node spends on a caller's behalf, in its own time. */
export function workIsDone(node: NodeState, id: number): Next[] {
  const boot = bootOf(node);
  boot.workDone = [...(boot.workDone ?? []), id];
  return [];
}

/** `done`, or why not: the caller went away, or the machine did. */
export async function work(
  { around, node }: CallContext,
  ms: number,
  signal: AbortSignal,
): Promise<'done' | 'canceled' | 'lost'> {
  const boot = bootOf(node);
  const id = (boot.workCount ?? 0) + 1;
  boot.workCount = id;
  const step: Step = { kind: 'work_is_done', id };
  around.engine.plan(node, ms, step);
  const isPending = () => node.boot === boot && node.pending.some((pending) => pending.step === step);
  while (isPending() && !signal.aborted) await around.changed(node, signal);
  const isDone = boot.workDone?.includes(id) === true;
  boot.workDone = boot.workDone?.filter((known) => known !== id) ?? [];
  if (isDone) return 'done';
  node.pending = node.pending.filter((pending) => pending.step !== step);
  return signal.aborted ? 'canceled' : 'lost';
}
