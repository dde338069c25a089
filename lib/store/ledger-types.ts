import type { Result } from '../result.ts';

/**
 * A stream is a gapless, hash-chained list of events in the `audit` table, and a head in the `state` table that
 * holds the state folded from them. Keys: `INCIDENT#<id>`, `CLUSTER#<name>`.
 */
export type StreamKind<S, N extends object, E extends N & Stamped> = {
  /** From state and event to state. Throws on an event that the state refuses: deciding comes first. */
  readonly fold: (state: S | undefined, event: E) => S;
  readonly stamp: (event: N, seq: number, at: string) => E;
  readonly parseEvent: (body: unknown) => E;
  /** The state as stored in the head, JSON; undefined for streams without one. */
  readonly encode: (state: S) => string;
  readonly decode: (text: string) => S;
  /** Copies for indexes of the head: `list` (all of a kind, by time) and `open` (what the sweep must look at). */
  readonly indexes?: (state: S) => { readonly list?: readonly [string, string]; readonly open?: string };
};
export type Stamped = { readonly seq: number; readonly at: string };

export type Key = { readonly pk: string; readonly sk: string };
/** Attributes beside the key: strings and integers. */
export type Attributes = Readonly<Record<string, string | number>>;
export type StoredItem = Key & { readonly attributes: Attributes };
/** When a write may happen. `equals`: every named attribute has this value. */
export type Condition =
  | { readonly is: 'absent' }
  | { readonly is: 'present' }
  | { readonly is: 'equal'; readonly equals: Attributes }
  | { readonly is: 'absent_or_equal'; readonly equals: Attributes }
  | { readonly is: 'absent_or_below'; readonly below: Readonly<Record<string, number>> };
/** What goes with the events in the same transaction, on the `state` table. */
export type Write =
  | {
      readonly do: 'put';
      readonly key: Key;
      readonly attributes: Attributes;
      readonly when?: Condition;
      readonly expiresAtS?: number;
    }
  | { readonly do: 'delete'; readonly key: Key; readonly when?: Condition }
  | { readonly do: 'check'; readonly key: Key; readonly when: Condition };

/** Nothing to append: nothing is written, `result` is returned. */
export type Decision<N, R> = { readonly events: readonly N[]; readonly writes?: readonly Write[]; readonly result: R };

export type LedgerError = {
  /**
   * `contended`: lost 12 races, nothing happened. `unavailable`: the database did not say that it took it, within 12
   * tries; treat it as not happened and look again before doing it anew, because when it could not even be read at
   * the end a last request may still have arrived.
   */
  readonly code: 'contended' | 'unavailable';
  readonly message: string;
};

export interface Ledger {
  /** Strongly consistent. Throws, as every read here does, when the table stays out of reach. */
  read<S, N extends object, E extends N & Stamped>(kind: StreamKind<S, N, E>, stream: string): Promise<S | undefined>;
  /**
   * Reads the head, lets `decide` choose, and commits events, head and writes in one transaction; the loser of a
   * race decides again on what is there then (also when a condition of `writes` failed), up to 12 times with full
   * jitter. One promise chain per stream inside the process. `decide` must therefore read again what it relies on.
   */
  change<S, N extends object, E extends N & Stamped, R>(
    kind: StreamKind<S, N, E>,
    stream: string,
    decide: (state: S | undefined, at: string) => Promise<Decision<NoInfer<N>, R>> | Decision<NoInfer<N>, R>,
  ): Promise<Result<R, LedgerError>>;
  /** All events of a stream with their hashes, oldest first. */
  events(stream: string, fromSeq?: number): AsyncIterable<StoredEvent>;
}
/** `body`: the canonical JSON, as hashed. */
export type StoredEvent = {
  readonly stream: string;
  readonly seq: number;
  readonly body: string;
  readonly hash: string;
};

/** Plain items of the `state` table: inventory, plans, approvals, leases, claims, dedupe. */
export interface Items {
  get(key: Key): Promise<StoredItem | undefined>;
  query(pk: string, options?: { readonly skPrefix?: string; readonly limit?: number }): Promise<readonly StoredItem[]>;
  /** Outside of a stream: only for what is no change of an incident (inventory, claims, lastSeenAt). */
  write(write: Write): Promise<'written' | 'refused'>;
  /** Streams by index: `list` newest first, `open` in any order. */
  listed(list: string, limit: number): Promise<readonly string[]>;
  open(): Promise<readonly string[]>;
}
