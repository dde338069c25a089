import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AuditSource } from '../audit/verify.ts';
import { ok } from '../result.ts';
import { auditRecords, auditSource } from './audit-records.ts';
import { changeStream } from './change.ts';
import { dynamoItems } from './dynamo-items.ts';
import { readHead, type StoreParts } from './heads.ts';
import type { Items, Ledger } from './ledger-types.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { TableNames } from './tables.ts';

export type Store = Ledger &
  Items &
  AuditSource & {
    /**
     * Called with the stream's key after each commit of this instance, never before it. Returns the way to leave.
     * A listener that throws ends the process as any bug does; the change stays committed.
     */
    onCommit(listener: (stream: string) => void): () => void;
  };

/**
 * The store on DynamoDB (or dynoxide). `change` on a stream must not be called inside of `decide` of the same stream:
 * it would wait for itself.
 */
export function createStore(wiring: {
  readonly client: DynamoDBClient;
  readonly tables: TableNames;
  readonly now: () => Date;
  readonly random?: () => number;
}): Store {
  const parts: StoreParts = { random: Math.random, ...wiring };
  const inOrder = oneAtATime();
  const listeners = new Set<(stream: string) => void>();
  return {
    ...dynamoItems(parts),
    ...auditSource(parts),
    events: (stream, fromSeq) => auditRecords(parts, stream, fromSeq),
    async read(kind, stream) {
      const { body } = await readHead(parts, stream);
      return body === undefined ? undefined : kind.decode(body);
    },
    async change(kind, stream, decide) {
      const changed = await inOrder(stream, () => changeStream(parts, kind, stream, decide));
      if (!changed.ok) return changed;
      if (changed.value.committed) {
        for (const listener of listeners) queueMicrotask(() => listener(stream));
      }
      return ok(changed.value.result);
    },
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
