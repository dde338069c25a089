import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import * as grpc from '@grpc/grpc-js';
import { checkAccess, NOT_AUTHORIZED, READER, type Refusal } from './access.ts';
import type { Answer, CallContext, Surroundings } from './call-context.ts';
import { rolesOf } from './credentials.ts';
import { findTarget, hasFault } from './forward.ts';
import { isChanging, isDryRun, journalRefusal } from './journal-calls.ts';
import { methodName } from './method-name.ts';
import { spoil } from './spoiled-replies.ts';
import type { NodeState } from './state.ts';
import { CONNECTION_LOST, StreamRefusal } from './streams.ts';

const SLOW_MS = 3_000;
/** What was written is on its way before the connection goes. */
const FRAME_LEAVES_MS = 20;

export type Method = { readonly path: string };
const nameOf = ({ path }: Method): string => methodName(path);
type Call = Pick<grpc.ServerUnaryCall<unknown, unknown>, 'getAuthContext' | 'metadata' | 'on'>;

function signalOf(call: Call): AbortSignal {
  const abort = new AbortController();
  call.on('cancelled', () => abort.abort());
  return abort.signal;
}

/** Calls that are being answered slowly, by node. They end with this process, so nobody needs to remember them. */
const slowed = new WeakMap<NodeState, string[]>();

async function slowDown(node: NodeState, method: string, ms: number): Promise<void> {
  slowed.set(node, [...(slowed.get(node) ?? []), method]);
  await sleep(ms);
  const methods = slowed.get(node) ?? [];
  slowed.set(
    node,
    methods.filter((_, n) => n !== methods.indexOf(method)),
  );
}

/** Who answers, and with which rights: the same for every method. */
async function enter(
  around: Surroundings,
  contacted: NodeState,
  call: Call,
  { path }: Method,
  signal: AbortSignal,
): Promise<{ readonly context: CallContext } | { readonly refusal: Refusal; readonly context?: CallContext }> {
  const method = nameOf({ path });
  const header = call.metadata.get('node').map(String);
  const found = await findTarget(around.state, contacted, header, signal);
  if ('refusal' in found) return found;
  const { node } = found;
  const isMaintenance = node.boot?.api === 'maintenance';
  const roles = isMaintenance ? [READER ?? ''] : rolesOf(call);
  const context = { around, node, roles, isOverlapping: slowed.get(node)?.includes(method) === true };
  const slow = node.faults.find((known) => known.fault === 'slow' && (known.method ?? method) === method);
  if (slow !== undefined) await slowDown(node, method, slow.delay ?? SLOW_MS);
  if (hasFault(node, 'hang', method)) await new Promise(() => {});
  if (node.boot === undefined) return { refusal: { code: grpc.status.UNAVAILABLE, details: 'node is down' } };
  if (hasFault(node, 'role_denied') || hasFault(node, 'role_denied', method)) {
    return { refusal: NOT_AUTHORIZED, context };
  }
  const refused = checkAccess(node, path, roles);
  return refused ? { refusal: refused, context } : { context };
}

/** Who forwarded the call keeps its own connections and tells its caller that it lost the other one. */
function lose(around: Surroundings, contacted: NodeState, node: NodeState, tell: (refused: Refusal) => void): void {
  if (contacted === node) around.drop(node);
  else tell(CONNECTION_LOST);
}

/** Only what changes the node: a dry run is answered. */
const isHeld = (node: NodeState, method: string, request: unknown): boolean =>
  isChanging(method) && !isDryRun(request) && (hasFault(node, 'hold_reply') || hasFault(node, 'hold_reply', method));

const isDropping = (node: NodeState, method: string) => hasFault(node, 'drop') || hasFault(node, 'drop', method);

/** Serves a unary call: faults, roles and forwarding are the same for all. */
export const unary =
  <Q, R>(
    around: Surroundings,
    contacted: NodeState,
    method: Method,
    run: (context: CallContext, request: Q) => Answer<R>,
  ) =>
  (call: grpc.ServerUnaryCall<Q, R>, callback: grpc.sendUnaryData<R>): void => {
    const name = nameOf(method);
    const respond = async () => {
      const entered = await enter(around, contacted, call, method, signalOf(call));
      if ('refusal' in entered) {
        journalRefusal(entered.context, name, call.request, entered.refusal);
        return callback(entered.refusal);
      }
      const { context } = entered;
      const replied = run(context, call.request);
      if (isDropping(context.node, name)) return lose(around, contacted, context.node, callback);
      if ('value' in replied && isHeld(context.node, name, call.request)) return;
      if ('refusal' in replied) return callback(replied.refusal);
      spoil(context.node, name, replied.value);
      callback(null, replied.value);
    };
    respond().catch((error: unknown) => callback({ code: grpc.status.INTERNAL, details: String(error) }));
  };

/** Serves a server stream. */
export const stream =
  <Q, R>(
    around: Surroundings,
    contacted: NodeState,
    method: Method,
    run: (context: CallContext, request: Q, signal: AbortSignal) => AsyncIterable<R>,
  ) =>
  (call: grpc.ServerWritableStream<Q, R>): void => {
    const name = nameOf(method);
    const signal = signalOf(call);
    const end = (refused: Refusal) => call.emit('error', refused);
    const respond = async () => {
      const entered = await enter(around, contacted, call, method, signal);
      if ('refusal' in entered) {
        journalRefusal(entered.context, name, call.request, entered.refusal);
        return end(entered.refusal);
      }
      const isSilent = isHeld(entered.context.node, name, call.request);
      for await (const frame of run(entered.context, call.request, signal)) {
        if (signal.aborted) return;
        if (isSilent) continue;
        spoil(entered.context.node, name, frame);
        if (!call.write(frame)) await once(call, 'drain', { signal }).catch(() => undefined);
        if (!isDropping(entered.context.node, name)) continue;
        await sleep(FRAME_LEAVES_MS);
        return lose(around, contacted, entered.context.node, end);
      }
      if (!isSilent) call.end();
    };
    respond().catch((error: unknown) => {
      if (error instanceof StreamRefusal) end(error.refusal);
      else end({ code: grpc.status.INTERNAL, details: String(error) });
    });
  };
