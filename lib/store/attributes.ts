import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Attributes, Key, StoredItem } from './ledger-types.ts';
import { TTL_ATTRIBUTE } from './tables.ts';

export type DynamoItem = Record<string, AttributeValue>;

/** Ours, never a caller's: `writer` is the token of the transaction that put the item (see append.ts). */
const RESERVED: readonly string[] = ['pk', 'sk', TTL_ATTRIBUTE, 'writer'];

export function toDynamo(attributes: Attributes): DynamoItem {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, toValue(name, value)]));
}

function toValue(name: string, value: string | number): AttributeValue {
  if (typeof value === 'string') return { S: value };
  if (!Number.isSafeInteger(value)) throw new TypeError(`attribute ${name} is ${value}: strings and integers only`);
  return { N: String(value) };
}

export const keyToDynamo = ({ pk, sk }: Key): DynamoItem => ({ pk: { S: pk }, sk: { S: sk } });

export function refuseReserved(attributes: Attributes): void {
  const name = Object.keys(attributes).find((each) => RESERVED.includes(each));
  if (name !== undefined) throw new TypeError(`the attribute ${name} belongs to the store`);
}

export const text = (item: DynamoItem | undefined, name: string): string | undefined => item?.[name]?.S;

export function integer(item: DynamoItem | undefined, name: string): number | undefined {
  const value = item?.[name]?.N;
  return value === undefined ? undefined : Number(value);
}

/** An expired item stays in the table for up to days; to us it is gone. `undefined` for those. */
export function fromDynamo(item: DynamoItem | undefined, nowS: number): StoredItem | undefined {
  const pk = text(item, 'pk');
  const sk = text(item, 'sk');
  if (item === undefined || pk === undefined || sk === undefined) return undefined;
  if ((integer(item, TTL_ATTRIBUTE) ?? Number.POSITIVE_INFINITY) <= nowS) return undefined;
  const attributes: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(item)) {
    if (RESERVED.includes(name)) continue;
    if (value.S !== undefined) attributes[name] = value.S;
    if (value.N !== undefined) attributes[name] = Number(value.N);
  }
  return { pk, sk, attributes };
}
