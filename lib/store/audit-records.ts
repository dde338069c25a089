import { paginateQuery, paginateScan } from '@aws-sdk/client-dynamodb';
import type { AuditRecord, AuditSource } from '../audit/verify.ts';
import { type DynamoItem, text, toDynamo } from './attributes.ts';
import { readHead, type StoreParts } from './heads.ts';
import { eventKey, HEAD, seqOf } from './keys.ts';

/** Events as they stand in the table, whatever somebody did to them: judging is verify's part. */
export async function* auditRecords(
  { client, tables }: StoreParts,
  stream: string,
  fromSeq?: number,
): AsyncGenerator<AuditRecord> {
  const from = fromSeq === undefined ? undefined : eventKey(stream, fromSeq).sk;
  const pages = paginateQuery(
    { client },
    {
      TableName: tables.audit,
      KeyConditionExpression: from === undefined ? 'pk = :pk' : 'pk = :pk AND sk >= :from',
      ExpressionAttributeValues: toDynamo({ ':pk': stream, ...(from === undefined ? {} : { ':from': from }) }),
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of pages) for (const item of Items) yield recordOf(stream, item);
}

function recordOf(stream: string, item: DynamoItem): AuditRecord {
  const copy = (name: string) => {
    const value = text(item, name);
    return value === undefined ? {} : { [name]: value };
  };
  return {
    stream,
    seq: seqOf(text(item, 'sk') ?? ''),
    body: text(item, 'body') ?? '',
    hash: text(item, 'hash') ?? '',
    copies: { ...copy('nodePk'), ...copy('actorPk'), ...copy('dayPk'), ...copy('at') },
  };
}

/** For `verifyAudit`. Streams come from the events and from the heads, so that a stream without events is missed. */
export function auditSource(parts: StoreParts): AuditSource {
  const { client, tables } = parts;
  return {
    async *streams() {
      let last: string | undefined;
      const events = paginateScan(
        { client },
        { TableName: tables.audit, ProjectionExpression: 'pk', ConsistentRead: true },
      );
      for await (const { Items = [] } of events) {
        for (const item of Items) {
          const stream = text(item, 'pk');
          if (stream === undefined || stream === last) continue;
          last = stream;
          yield stream;
        }
      }
      yield* streamsWithoutEvents(parts);
    },
    records: (stream) => auditRecords(parts, stream),
    async head(stream) {
      const { seq, hash } = await readHead(parts, stream);
      return seq === 0 ? undefined : { seq, hash };
    },
  };
}

async function* streamsWithoutEvents(parts: StoreParts): AsyncGenerator<string> {
  const { client, tables } = parts;
  const heads = paginateScan(
    { client },
    {
      TableName: tables.state,
      FilterExpression: 'sk = :head',
      ExpressionAttributeValues: toDynamo({ ':head': HEAD }),
      ProjectionExpression: 'pk',
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of heads) {
    for (const item of Items) {
      const stream = text(item, 'pk');
      if (stream === undefined) continue;
      const first = await auditRecords(parts, stream).next();
      if (first.done === true) yield stream;
    }
  }
}
