import { status } from '@grpc/grpc-js';
import type { DmesgRequest, Event, EventsRequest, LogsRequest } from '../../lib/talos/generated/machine/machine.ts';
import { type Refusal, refusal } from './access.ts';
import type { CallContext } from './call-context.ts';
import { dmesgFrame, logLines } from './log-lines.ts';
import { bytesOf } from './node-events.ts';
import { bootOf } from './record.ts';
import type { StoredEvent } from './state.ts';

/** Ends a stream with a status; thrown inside a stream only, and turned into the status by the server. */
export class StreamRefusal extends Error {
  readonly refusal: Refusal;
  constructor(refused: Refusal) {
    super(refused.details);
    this.refusal = refused;
  }
}
export const CONNECTION_LOST = refusal(status.UNAVAILABLE, 'error reading from server: EOF');

/** Follows something that grows until the caller goes away or the boot ends. */
async function* follow<T>(
  { around, node }: CallContext,
  signal: AbortSignal,
  takeNew: () => readonly T[],
): AsyncGenerator<T> {
  const { boot } = node;
  while (!signal.aborted) {
    if (node.boot !== boot) throw new StreamRefusal(CONNECTION_LOST);
    const changed = around.changed(node, signal);
    yield* takeNew();
    await changed;
  }
}

const frame = (text: string) => ({ bytes: Buffer.from(text) });

export async function* dmesg(context: CallContext, request: DmesgRequest, signal: AbortSignal) {
  const boot = bootOf(context.node);
  let shown = request.tail ? boot.kernelLog.length : 0;
  const take = () => {
    const lines = boot.kernelLog.slice(shown).map((line, n) => frame(dmesgFrame(line, shown + n)));
    shown = boot.kernelLog.length;
    return lines;
  };
  if (request.follow) yield* follow(context, signal, take);
  else yield* take();
}

const CHUNK_BYTES = 1024;
export async function* logs(context: CallContext, request: LogsRequest, signal: AbortSignal) {
  let shown = 0;
  const take = () => {
    const found = logLines(context, request);
    if ('refusal' in found) throw new StreamRefusal(found.refusal);
    const fresh = found.value.slice(shown);
    shown = found.value.length;
    return fresh;
  };
  const all = take();
  const wanted = request.tailLines < 0 ? all : all.slice(all.length - Math.min(request.tailLines, all.length));
  const bytes = Buffer.from(wanted.map((line) => `${line}\n`).join(''));
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield { bytes: bytes.subarray(at, at + CHUNK_BYTES) };
  if (request.follow) for await (const line of follow(context, signal, take)) yield frame(`${line}\n`);
}

const toWire = (stored: StoredEvent): Event => ({
  data: { typeUrl: `talos/runtime/machine.${stored.type}`, value: bytesOf(stored) },
  id: stored.id,
  actorId: stored.actorId,
});

function history(events: readonly StoredEvent[], request: EventsRequest, now: number): readonly StoredEvent[] {
  const { tailEvents, tailId, tailSeconds } = request;
  if (tailEvents < 0) return events;
  if (tailEvents > 0) return events.slice(-tailEvents);
  if (tailId !== '') return events.filter(({ id }) => id > tailId);
  if (tailSeconds > 0) return events.filter(({ at }) => at >= now - tailSeconds * 1000);
  return [];
}

/** A greeting, the part of the history that was asked for, then what happens. Source: Talos, v1alpha1_events.go. */
export async function* events(context: CallContext, request: EventsRequest, signal: AbortSignal) {
  const tails = [request.tailEvents !== 0, request.tailId !== '', request.tailSeconds !== 0];
  if (tails.filter(Boolean).length > 1) {
    throw new StreamRefusal(refusal(status.INVALID_ARGUMENT, 'only one of tail options can be specified'));
  }
  const boot = bootOf(context.node);
  const isWanted = ({ actorId }: StoredEvent) => request.withActorId === '' || actorId === request.withActorId;
  let seen = boot.eventCount;
  const past = history([...boot.events], request, context.around.now());
  yield { id: '', actorId: '' };
  yield* past.filter(isWanted).map(toWire);
  const take = () => {
    const count = boot.eventCount - seen;
    seen = boot.eventCount;
    return count === 0 ? [] : boot.events.slice(-count).filter(isWanted).map(toWire);
  };
  yield* follow(context, signal, take);
}
