import type { StoredEvent } from '../store/ledger-types.ts';
import { chainHash } from './chain.ts';

/**
 * What is wrong with the first event that does not hold.
 * `changed`: its body or hash, or the body before it, was rewritten. `removed`: it is missing. `reordered`: another
 * event of the stream stands in its place. `inserted`: it was never part of the chain. `truncated`: the stream ends
 * before it. `index_copy`: an index attribute differs from the body. `head`: events and head do not agree.
 */
type Kind = 'changed' | 'removed' | 'reordered' | 'inserted' | 'truncated' | 'index_copy' | 'head';
export type Broken = {
  readonly ok: false;
  readonly stream: string;
  readonly seq: number;
  readonly kind: Kind;
  /** One sentence for people, naming stream and event. */
  readonly problem: string;
};
export const broken = (stream: string, seq: number, kind: Kind, what: string): Broken => {
  return { ok: false, stream, seq, kind, problem: `${stream}, event ${seq}: ${what}.` };
};

/** The last event that held: its number and hash, and the hash it was chained to. */
export type Place = {
  readonly stream: string;
  readonly seq: number;
  readonly hash: string;
  readonly hashBefore: string | undefined;
};

/** The number inside of the body, which the hash covers; undefined when the body cannot be read. */
export function bodySeq(body: string): number | undefined {
  try {
    const event: unknown = JSON.parse(body);
    if (typeof event !== 'object' || event === null || !('seq' in event)) return undefined;
    return typeof event.seq === 'number' ? event.seq : undefined;
  } catch {
    return undefined; // not JSON any more: the caller sees a body without a number
  }
}

/** Names what happened between `place` and `record`; reads on in the stream when only the rest can tell. */
export async function whyUnchained(
  place: Place,
  record: StoredEvent,
  rest: AsyncIterable<StoredEvent>,
): Promise<Broken> {
  const { stream } = place;
  const expected = place.seq + 1;
  const inside = bodySeq(record.body);
  if (record.seq > expected) {
    if (await comesLater(rest, ({ seq }) => seq === expected)) return reordered(stream, expected);
    return broken(stream, expected, 'removed', 'it is missing');
  }
  if (record.seq < expected) {
    return broken(stream, record.seq, 'inserted', 'it is there a second time, or under a key that no event has');
  }
  if (inside === undefined || inside === expected) {
    return broken(stream, expected, 'changed', 'it does not follow from the event before it: one of both was changed');
  }
  if (inside > expected) {
    if (await comesLater(rest, ({ body }) => bodySeq(body) === expected)) return reordered(stream, expected);
    return broken(stream, expected, 'removed', `it is missing: number ${inside} was moved into its place`);
  }
  const isCopy = record.hash === place.hash;
  if (!isCopy && place.hashBefore !== undefined && chainHash(place.hashBefore, record.body) === record.hash) {
    return broken(stream, place.seq, 'inserted', 'it was put before the event that had this number');
  }
  return broken(stream, expected, 'inserted', `it holds number ${inside}, which came before`);
}

const reordered = (stream: string, seq: number): Broken => {
  return broken(stream, seq, 'reordered', 'another event stands in its place, it comes later');
};

async function comesLater(rest: AsyncIterable<StoredEvent>, wanted: (event: StoredEvent) => boolean): Promise<boolean> {
  for await (const event of rest) if (wanted(event)) return true;
  return false;
}
