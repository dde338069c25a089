import { clusterKind, clusterOfStream, clusterStream } from '../incidents/cluster-stream.ts';
import { duePatrol } from '../incidents/due-patrol.ts';
import { type DueStep, dueWork } from '../incidents/due-work.ts';
import { incidentIdOf, incidentKind } from '../incidents/stream.ts';
import type { Message, Queue } from '../queue/queue.ts';
import type { Deps } from './deps.ts';

export type Dispatching = Pick<Deps, 'config' | 'ledger' | 'items' | 'now' | 'log'> & {
  readonly queue: Queue;
  readonly patrolEveryMs: number;
};

/** What SQS takes. A message that comes too early finds nothing due, and the state is asked again. */
const MAX_DELAY_MS = 900_000;

/** After each commit: the only place that queues work. Messages say "look at X"; doubled or lost ones are harmless. */
export async function dispatch(deps: Dispatching, stream: string): Promise<void> {
  const now = deps.now();
  for (const due of await dueOf(deps, stream, now.toISOString())) {
    const delayMs = Math.min(Math.max(0, Date.parse(due.notBefore) - now.getTime()), MAX_DELAY_MS);
    const step = due.planId === '' ? due.step : `${due.step}:${due.planId}`;
    const message = { function: due.function, subject: stream, step };
    await deps.queue.send(message, { delayMs, dedupe: dedupeKey(message) });
  }
}

async function dueOf(deps: Dispatching, stream: string, now: string): Promise<readonly DueStep[]> {
  if (clusterOfStream(stream) !== undefined) {
    const state = await deps.ledger.read(clusterKind, stream);
    return duePatrol(state, now, deps.patrolEveryMs).map((due) => ({ ...due, planId: '' }));
  }
  if (incidentIdOf(stream) === undefined) return [];
  const state = await deps.ledger.read(incidentKind, stream);
  return state === undefined ? [] : dueWork(state, now);
}

/** Every minute: whatever nobody woke, expiry, the next patrol of each cluster, and what a dead runner left. */
export async function sweep(deps: Dispatching): Promise<void> {
  const clusters = deps.config.clusters.map(({ name }) => clusterStream(name));
  for (const stream of [...clusters, ...(await deps.items.open())]) await dispatch(deps, stream);
}

/** One waiting message per step is enough: whoever takes it reads the state. */
export const dedupeKey = ({ function: name, subject, step }: Message): string => `${name} ${subject} ${step}`;
