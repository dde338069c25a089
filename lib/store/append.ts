import { randomUUID } from 'node:crypto';
import type { TransactWriteItem, TransactWriteItemsCommandInput } from '@aws-sdk/client-dynamodb';
import { canonicalJson } from '../audit/canonical.ts';
import { chainHash } from '../audit/chain.ts';
import { indexCopies } from '../audit/index-copies.ts';
import { toDynamo } from './attributes.ts';
import { packBody } from './head-body.ts';
import type { Head } from './heads.ts';
import { eventKey, HEAD } from './keys.ts';
import type { Stamped, StreamKind, Write } from './ledger-types.ts';
import type { TableNames } from './tables.ts';
import { transactItem } from './write-expression.ts';

/** Limit of TransactWriteItems. */
const MAX_ITEMS = 100;

/** One transaction, built once: resent as it is until its outcome is known. `seq`: of its first event. */
export type Append<R> = {
  readonly input: TransactWriteItemsCommandInput;
  readonly token: string;
  readonly seq: number;
  readonly result: R;
};

type Change<S, N> = {
  readonly tables: TableNames;
  readonly stream: string;
  readonly head: Head;
  readonly state: S | undefined;
  readonly at: Date;
  readonly events: readonly N[];
  readonly writes: readonly Write[];
};

/**
 * Events, head and writes as one transaction. The state is folded from the events as they will be read back, so that
 * what the head holds is what a rebuild from the audit would give.
 * Throws when the fold refuses an event, on a body that has no canonical form, and beyond 100 items.
 */
export function append<S, N extends object, E extends N & Stamped, R>(
  kind: StreamKind<S, N, E>,
  change: Change<S, N>,
  result: R,
): Append<R> {
  const { tables, stream, head, events, writes } = change;
  const count = events.length + 1 + writes.length;
  if (count > MAX_ITEMS) {
    throw new RangeError(
      `a transaction holds ${MAX_ITEMS} items at most: ${events.length} events of ${stream}, its head and ` +
        `${writes.length} writes are ${count}`,
    );
  }
  const token = randomUUID();
  const items: TransactWriteItem[] = [];
  let { seq, hash } = head;
  let state = change.state;
  for (const event of events) {
    seq += 1;
    const body = canonicalJson(kind.stamp(event, seq, change.at.toISOString()));
    hash = chainHash(hash, body);
    const stored: unknown = JSON.parse(body);
    state = kind.fold(state, kind.parseEvent(stored));
    items.push(eventPut(tables.audit, { ...eventKey(stream, seq), body, hash, writer: token, ...indexCopies(stored) }));
  }
  if (state === undefined) throw new TypeError(`the fold of ${stream} gave no state`);
  items.push(
    headPut(tables.state, stream, head, { seq, hash, body: packBody(kind.encode(state)), ...copies(kind, state) }),
  );
  const nowS = Math.floor(change.at.getTime() / 1000);
  items.push(...writes.map((write) => transactItem(tables.state, write, nowS)));
  return { input: { TransactItems: items, ClientRequestToken: token }, token, seq: head.seq + 1, result };
}

function eventPut(table: string, attributes: Readonly<Record<string, string>>): TransactWriteItem {
  return {
    Put: {
      TableName: table,
      Item: toDynamo(attributes),
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}

/** Only onto the head that was read: the loser of a race changes nothing. */
function headPut(
  table: string,
  stream: string,
  read: Head,
  next: Readonly<Record<string, string | number>>,
): TransactWriteItem {
  const put = { TableName: table, Item: toDynamo({ pk: stream, sk: HEAD, ...next }) };
  if (read.seq === 0) return { Put: { ...put, ConditionExpression: 'attribute_not_exists(pk)' } };
  return {
    Put: {
      ...put,
      ConditionExpression: '#seq = :seq AND #hash = :hash',
      ExpressionAttributeNames: { '#seq': 'seq', '#hash': 'hash' },
      ExpressionAttributeValues: toDynamo({ ':seq': read.seq, ':hash': read.hash }),
    },
  };
}

function copies<S, N extends object, E extends N & Stamped>(kind: StreamKind<S, N, E>, state: S) {
  const { list, open } = kind.indexes?.(state) ?? {};
  return {
    ...(list === undefined ? {} : { listPk: list[0], listSk: list[1] }),
    ...(open === undefined ? {} : { openPk: open }),
  };
}
