import type * as grpc from '@grpc/grpc-js';
import { err, ok, type Result } from '../../result.ts';
import type { CallContext } from '../call.ts';
import { type Connection, sourceOf } from '../connection.ts';
import type { TalosError } from '../talos-error.ts';

/** What a parser makes of a reply: the value, and what was left out of it. */
export type Read<T> = { readonly value: T; readonly cut?: string; readonly redacted?: number };
/** `node` is how errors name the node that the call is meant for. */
export type ReadContext = CallContext & { readonly node: string };
export type Reader<T> = (connection: Connection, context: ReadContext) => Promise<Result<Read<T>, TalosError>>;

const MAX_TEXT_CHARS = 4096;
export const short = (text: string): string =>
  text.length > MAX_TEXT_CHARS ? `${text.slice(0, MAX_TEXT_CHARS)}…` : text;

/** Go's zero time is year 1, and a hostile time is no time at all: both become ''. */
export function isoTime(at: Date | undefined): string {
  if (at === undefined || Number.isNaN(at.getTime()) || at.getUTCFullYear() < 1970) return '';
  return at.toISOString();
}

/** The only element of a reply: without the fan-out header there is exactly one. */
function only<M>(messages: readonly M[], node: string, source: string): Result<M, TalosError> {
  const [message] = messages;
  if (message !== undefined && messages.length === 1) return ok(message);
  return err(malformed(node, source, `${messages.length} messages instead of one`));
}

/** Makes a unary call and returns the one message of its reply. */
export async function askOne<Q, M>(
  connection: Connection,
  m: grpc.MethodDefinition<Q, { readonly messages: readonly M[] }>,
  request: Q,
  context: ReadContext,
): Promise<Result<M, TalosError>> {
  const reply = await connection.unary(m, request, context);
  return reply.ok ? only(reply.value.messages, context.node, sourceOf(m)) : reply;
}

export const malformed = (node: string, source: string, text: string): TalosError => ({
  code: 'malformed_reply',
  node,
  source,
  text,
});
