import type { StoredEvent } from '../store/ledger-types.ts';
import { chainHash, genesisHash } from './chain.ts';
import { type IndexCopies, wrongCopy } from './index-copies.ts';
import { type Broken, bodySeq, broken, type Place, whyUnchained } from './problem.ts';

/** An event as read back, with the index attributes stored beside it (absent where they are not known). */
export type AuditRecord = StoredEvent & { readonly copies?: IndexCopies };
export type StreamHead = { readonly seq: number; readonly hash: string };

/** What verify reads. Each call reads afresh and strongly consistently; iterables page, so memory stays constant. */
export interface AuditSource {
  /** Keys of all streams that hold an event or a head; a key may come more than once. */
  streams(): AsyncIterable<string>;
  records(stream: string): AsyncIterable<AuditRecord>;
  head(stream: string): Promise<StreamHead | undefined>;
}

export type StreamVerdict = { readonly ok: true; readonly events: number; readonly hash: string } | Broken;
export type AuditVerdict = { readonly ok: true; readonly streams: number; readonly events: number } | Broken;

/**
 * Walks one stream, oldest event first, and names the first event that does not hold. Without `head` the end of the
 * stream is not proven: a cut tail is only seen by comparing with the head.
 */
export async function verifyStream(
  stream: string,
  events: AsyncIterable<AuditRecord> | Iterable<AuditRecord>,
  head?: () => Promise<StreamHead | undefined>,
): Promise<StreamVerdict> {
  // Read before the events, and again after them if they go further: others may append meanwhile.
  const headBefore = await head?.();
  let place: Place = { stream, seq: 0, hash: genesisHash(stream), hashBefore: undefined };
  let hashAtHead: string | undefined;
  const rest = iterate(events);
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    const record = next.value;
    const hash = chainHash(place.hash, record.body);
    if (record.seq !== place.seq + 1 || record.hash !== hash || bodySeq(record.body) !== record.seq) {
      return whyUnchained(place, record, rest);
    }
    const wrong = record.copies && wrongCopy(JSON.parse(record.body), record.copies);
    if (wrong) return broken(stream, record.seq, 'index_copy', `its index attribute ${wrong} differs from its body`);
    place = { stream, seq: record.seq, hash, hashBefore: place.hash };
    if (record.seq === headBefore?.seq) hashAtHead = hash;
  }
  const problem = head && (await unlikeHead(place, headBefore, hashAtHead, head));
  return problem ?? { ok: true, events: place.seq, hash: place.hash };
}

async function unlikeHead(
  end: Place,
  before: StreamHead | undefined,
  hashAtHead: string | undefined,
  head: () => Promise<StreamHead | undefined>,
): Promise<Broken | undefined> {
  if (before && before.seq > end.seq) {
    return broken(end.stream, end.seq + 1, 'truncated', `it is missing: the head counts ${before.seq} events`);
  }
  if (before && before.hash !== hashAtHead) {
    return broken(end.stream, before.seq, 'head', 'its hash is not the one in the head of the stream');
  }
  if (before?.seq === end.seq || (!before && end.seq === 0)) return undefined;
  const after = await head();
  if (!after) return broken(end.stream, end.seq, 'head', 'the stream has events but no head');
  if (after.seq < end.seq) {
    return broken(end.stream, after.seq + 1, 'inserted', `the head counts only ${after.seq} events`);
  }
  if (after.seq === end.seq && after.hash !== end.hash) {
    return broken(end.stream, after.seq, 'head', 'its hash is not the one in the head of the stream');
  }
  return undefined;
}

/** Every stream there is; stops at the first event that does not hold. */
export async function verifyAudit(source: AuditSource): Promise<AuditVerdict> {
  let streams = 0;
  let events = 0;
  let last: string | undefined;
  for await (const stream of source.streams()) {
    if (stream === last) continue;
    last = stream;
    const verdict = await verifyStream(stream, source.records(stream), () => source.head(stream));
    if (!verdict.ok) return verdict;
    streams += 1;
    events += verdict.events;
  }
  return { ok: true, streams, events };
}

async function* iterate(events: AsyncIterable<AuditRecord> | Iterable<AuditRecord>): AsyncGenerator<AuditRecord> {
  yield* events;
}
