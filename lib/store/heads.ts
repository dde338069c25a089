import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { genesisHash } from '../audit/chain.ts';
import { integer, keyToDynamo, text } from './attributes.ts';
import { unpackBody } from './head-body.ts';
import { eventKey, HEAD } from './keys.ts';
import type { TableNames } from './tables.ts';

/** What every room of the store is wired with. `random`: 0 to 1, for the jitter. */
export type StoreParts = {
  readonly client: DynamoDBClient;
  readonly tables: TableNames;
  readonly now: () => Date;
  readonly random: () => number;
};

/** Number and hash of a stream's last event, and the encoded state. A stream without events: seq 0, no body. */
export type Head = { readonly seq: number; readonly hash: string; readonly body?: string };

export async function readHead({ client, tables }: StoreParts, stream: string): Promise<Head> {
  const { Item } = await client.send(
    new GetItemCommand({
      TableName: tables.state,
      Key: keyToDynamo({ pk: stream, sk: HEAD }),
      ConsistentRead: true,
    }),
  );
  if (Item === undefined) return { seq: 0, hash: genesisHash(stream) };
  const seq = integer(Item, 'seq');
  const hash = text(Item, 'hash');
  const body = text(Item, 'body');
  if (seq === undefined || hash === undefined || body === undefined) throw new Error(`the head of ${stream} is broken`);
  return { seq, hash, body: unpackBody(body) };
}

/** Token of the transaction that put this event; undefined where there is no such event. */
export async function writerOf(
  { client, tables }: StoreParts,
  stream: string,
  seq: number,
): Promise<string | undefined> {
  const { Item } = await client.send(
    new GetItemCommand({
      TableName: tables.audit,
      Key: keyToDynamo(eventKey(stream, seq)),
      ConsistentRead: true,
    }),
  );
  return text(Item, 'writer');
}
