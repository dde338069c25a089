import { phaseFailed, talos } from './record.ts';
import { sequenceFails } from './sequence-steps.ts';
import type { NodeState } from './state.ts';
import type { Next } from './step.ts';

/** How long the boot sequence waits for all services. Source: BootTimeout in pkg/machinery/constants/constants.go. */
export const BOOT_TIMEOUT_MS = 70 * 60_000;

type Where = { readonly phase: string; readonly task: string; readonly n: string; readonly cause: string };

/** The machine tells what went wrong, counts down and reboots. */
export function bootFails(node: NodeState, at: number, { phase, task, n, cause }: Where): Next[] {
  const [first = '', ...rest] = cause.split('\n');
  phaseFailed(node, at, phase, task, { n, cause: first, actorId: '' });
  for (const line of rest) talos(node, at, line);
  const number = n.split('/')[0];
  return sequenceFails(node, at, `error running phase ${number} in boot sequence: task 1/1: failed, ${cause}`);
}
