import { dueWork } from '../incidents/due-work.ts';
import { incidentIdOf, incidentKind } from '../incidents/stream.ts';
import type { Message, Queue } from '../queue/queue.ts';
import type { Deps } from './deps.ts';

export type Dispatching = Pick<Deps, 'ledger' | 'items' | 'now' | 'log'> & { readonly queue: Queue };

/** What SQS takes. A message that comes too early finds nothing due, and the state is asked again. */
const MAX_DELAY_MS = 900_000;

/** After each commit: the only place that queues work. Messages say "look at X"; doubled or lost ones are harmless. */
export async function dispatch(deps: Dispatching, stream: string): Promise<void> {
  if (incidentIdOf(stream) === undefined) return;
  const state = await deps.ledger.read(incidentKind, stream);
  if (state === undefined) return;
  const now = deps.now();
  for (const due of dueWork(state, now.toISOString())) {
    const delayMs = Math.min(Math.max(0, Date.parse(due.notBefore) - now.getTime()), MAX_DELAY_MS);
    const step = due.planId === '' ? due.step : `${due.step}:${due.planId}`;
    const message = { function: due.function, subject: stream, step };
    await deps.queue.send(message, { delayMs, dedupe: dedupeKey(message) });
  }
}

/** Every minute: whatever nobody woke, expiry, and what a dead runner left. */
export async function sweep(deps: Dispatching): Promise<void> {
  for (const stream of await deps.items.open()) await dispatch(deps, stream);
}

/** One waiting message per step is enough: whoever takes it reads the state. */
export const dedupeKey = ({ function: name, subject, step }: Message): string => `${name} ${subject} ${step}`;
