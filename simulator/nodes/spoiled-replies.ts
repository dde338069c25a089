import { hasFault } from './forward.ts';
import type { Fault } from './scenario-schema.ts';
import type { NodeState } from './state.ts';

/** Replies that a node sends in a shape that it should not: bytes that are no message, or a message of over 4 MiB. */
const SPOILING = ['malformed', 'huge'] as const satisfies readonly Fault['fault'][];
type Spoiling = (typeof SPOILING)[number];

/** A field of this length that no reader knows: the message stays valid, and is larger than gRPC's usual limit. */
const HUGE_BYTES = 4 * 1024 * 1024;
const UNKNOWN_FIELD = Buffer.of(0xc2, 0x3e, 0x80, 0x80, 0x80, 0x02); // field 1000, length-delimited, 4 MiB
/** Field 1 with a length of 4 GiB and nothing behind it. */
const MALFORMED = Buffer.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f);

const marked = new WeakMap<object, Spoiling>();

/** Marks a reply that is about to be written, where the node has the fault. */
export function spoil(node: NodeState, method: string, reply: unknown): void {
  const fault = SPOILING.find((known) => hasFault(node, known) || hasFault(node, known, method));
  if (fault !== undefined && typeof reply === 'object' && reply !== null) marked.set(reply, fault);
}

type Serializing<R> = { readonly responseSerialize: (reply: R) => Buffer };

/** The methods of a service, writing marked replies as their fault says. */
export function withSpoiling<S extends Readonly<Record<string, Serializing<never>>>>(service: S): S {
  const wrapped = Object.entries(service).map(([name, method]) => [
    name,
    { ...method, responseSerialize: (reply: never) => written(reply, method.responseSerialize(reply)) },
  ]);
  return { ...service, ...Object.fromEntries(wrapped) };
}

function written(reply: unknown, bytes: Buffer): Buffer {
  if (typeof reply !== 'object' || reply === null) return bytes;
  const fault = marked.get(reply);
  marked.delete(reply);
  if (fault === 'malformed') return MALFORMED;
  return fault === 'huge' ? Buffer.concat([bytes, UNKNOWN_FIELD, Buffer.alloc(HUGE_BYTES)]) : bytes;
}
