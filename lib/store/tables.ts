/**
 * The two tables, once: `create-tables.ts` makes them on a laptop, `table-resources.ts` on AWS.
 * Indexes hold keys only; an item enters one by having its key attributes.
 */
export type TableNames = { readonly audit: string; readonly state: string };
type Index = { readonly name: string; readonly pk: string; readonly sk?: string };
export type Table = { readonly name: string; readonly indexes: readonly Index[] };

/** Append-only events, sk = `EVENT#<12 digits>`. Written and verified by index-copies.ts of lib/audit. */
export const auditTable = (name: string): Table => ({
  name,
  indexes: [
    { name: 'byNode', pk: 'nodePk', sk: 'at' },
    { name: 'byActor', pk: 'actorPk', sk: 'at' },
    { name: 'byDay', pk: 'dayPk', sk: 'at' },
  ],
});

/** Heads of streams (sk = `HEAD`) and plain items. */
export const stateTable = (name: string): Table => ({
  name,
  indexes: [
    { name: 'list', pk: 'listPk', sk: 'listSk' },
    { name: 'open', pk: 'openPk' },
  ],
});

/** Name of the state table's TTL attribute, epoch seconds. The audit table has none. */
export const TTL_ATTRIBUTE = 'expiresAtS';

type KeySchema = { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[];

/** The part that CreateTable and CloudFormation spell alike. All keys are strings. */
export function tableShape(table: Table) {
  const keys = table.indexes.flatMap(({ pk, sk }) => (sk === undefined ? [pk] : [pk, sk]));
  return {
    BillingMode: 'PAY_PER_REQUEST' as const,
    AttributeDefinitions: [...new Set(['pk', 'sk', ...keys])].map((name) => {
      return { AttributeName: name, AttributeType: 'S' as const };
    }),
    KeySchema: keySchema('pk', 'sk'),
    GlobalSecondaryIndexes: table.indexes.map(({ name, pk, sk }) => ({
      IndexName: name,
      KeySchema: keySchema(pk, sk),
      Projection: { ProjectionType: 'KEYS_ONLY' as const },
    })),
  };
}

function keySchema(pk: string, sk: string | undefined): KeySchema {
  const hash: KeySchema = [{ AttributeName: pk, KeyType: 'HASH' }];
  return sk === undefined ? hash : [...hash, { AttributeName: sk, KeyType: 'RANGE' }];
}
