import { randomUUID } from 'node:crypto';
import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  paginateScan,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { fromDynamo, keyToDynamo, text, toDynamo } from './attributes.ts';
import type { StoreParts } from './heads.ts';
import type { Items, StoredItem, Write } from './ledger-types.ts';
import { MAX_TRIES, pause, transact } from './transact.ts';
import { itemOf, transactItem } from './write-expression.ts';

/** Reads throw when the table stays out of reach: there is nothing to decide on without them. */
export function dynamoItems(parts: StoreParts): Items {
  const { client, tables } = parts;
  const nowS = () => Math.floor(parts.now().getTime() / 1000);
  return {
    async get(key) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: tables.state, Key: keyToDynamo(key), ConsistentRead: true }),
      );
      return fromDynamo(Item, nowS());
    },

    async query(pk, { skPrefix, limit = Number.POSITIVE_INFINITY } = {}) {
      const found: StoredItem[] = [];
      const prefix = skPrefix === undefined || skPrefix === '' ? undefined : skPrefix;
      const pages = paginateQuery(
        { client, ...(limit === Number.POSITIVE_INFINITY ? {} : { pageSize: Math.max(limit, 1) }) },
        {
          TableName: tables.state,
          KeyConditionExpression: prefix === undefined ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :sk)',
          ExpressionAttributeValues: toDynamo({ ':pk': pk, ...(prefix === undefined ? {} : { ':sk': prefix }) }),
          ConsistentRead: true,
        },
      );
      for await (const { Items = [] } of pages) {
        for (const item of Items) {
          if (found.length >= limit) return found;
          const live = fromDynamo(item, nowS());
          if (live !== undefined) found.push(live);
        }
        if (found.length >= limit) return found;
      }
      return found;
    },

    write: (write) => writeItem(parts, write, nowS()),

    async listed(list, limit) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: tables.state,
          IndexName: 'list',
          KeyConditionExpression: 'listPk = :list',
          ExpressionAttributeValues: toDynamo({ ':list': list }),
          ScanIndexForward: false,
          Limit: limit,
        }),
      );
      return Items.map((item) => text(item, 'pk')).filter((pk) => pk !== undefined);
    },

    async open() {
      const streams: string[] = [];
      for await (const { Items = [] } of paginateScan({ client }, { TableName: tables.state, IndexName: 'open' })) {
        streams.push(...Items.map((item) => text(item, 'pk')).filter((pk) => pk !== undefined));
      }
      return streams;
    },
  };
}

/**
 * Without a condition, repeating does no harm. With one, a repeat after a lost reply would be refused by our own
 * first write, so it goes as a transaction, whose token makes DynamoDB answer as the first time.
 */
async function writeItem(parts: StoreParts, write: Write, nowS: number): Promise<'written' | 'refused'> {
  const { client, tables } = parts;
  if (write.when === undefined) {
    if (write.do === 'put') await client.send(new PutItemCommand({ TableName: tables.state, Item: itemOf(write) }));
    else await client.send(new DeleteItemCommand({ TableName: tables.state, Key: keyToDynamo(write.key) }));
    return 'written';
  }
  const token = randomUUID();
  const input = { TransactItems: [transactItem(tables.state, write, nowS, token)], ClientRequestToken: token };
  let why = '';
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    if (tries > 1) await pause(tries, parts.random);
    const outcome = await transact(client, input);
    if (outcome.is === 'committed') return 'written';
    if (outcome.is === 'cancelled') {
      const [reason] = outcome.reasons;
      if (reason?.Code === 'ConditionalCheckFailed') {
        return text(reason.Item, 'writer') === token ? 'written' : 'refused';
      }
      why = reason?.Code ?? 'cancelled without a reason';
    } else {
      why = outcome.message;
    }
  }
  throw new Error(`${write.key.pk} ${write.key.sk} was not written after ${MAX_TRIES} tries: ${why}`);
}
