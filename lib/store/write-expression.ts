import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { type DynamoItem, keyToDynamo, refuseReserved, toDynamo } from './attributes.ts';
import type { Attributes, Condition, Write } from './ledger-types.ts';
import { TTL_ATTRIBUTE } from './tables.ts';

type Expression = {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: DynamoItem;
};

/** A write as a member of a transaction. `writer`: put beside the item, by which a lost reply is recognised. */
export function transactItem(table: string, write: Write, nowS: number, writer?: string): TransactWriteItem {
  const when = write.when === undefined ? {} : conditionExpression(write.when, nowS);
  const common = { TableName: table, ...when };
  const Key = keyToDynamo(write.key);
  switch (write.do) {
    case 'put':
      return {
        Put: { ...common, Item: itemOf(write, writer), ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
      };
    case 'delete':
      return { Delete: { ...common, Key } };
    case 'check':
      return { ConditionCheck: { ...common, Key, ...conditionExpression(write.when, nowS) } };
  }
}

export function itemOf(write: Write & { readonly do: 'put' }, writer?: string): DynamoItem {
  refuseReserved(write.attributes);
  return {
    ...keyToDynamo(write.key),
    ...toDynamo(write.attributes),
    ...(write.expiresAtS === undefined ? {} : toDynamo({ [TTL_ATTRIBUTE]: write.expiresAtS })),
    ...(writer === undefined ? {} : toDynamo({ writer })),
  };
}

/** An item whose time is over counts as absent, however long DynamoDB takes to remove it. */
function conditionExpression(condition: Condition, nowS: number): Expression {
  const absent = '(attribute_not_exists(#pk) OR #ttl <= :now)';
  const present = '(attribute_exists(#pk) AND (attribute_not_exists(#ttl) OR #ttl > :now))';
  const names = { '#pk': 'pk', '#ttl': TTL_ATTRIBUTE };
  const values = toDynamo({ ':now': nowS });
  const plain = { ExpressionAttributeNames: names, ExpressionAttributeValues: values };
  switch (condition.is) {
    case 'absent':
      return { ConditionExpression: absent, ...plain };
    case 'present':
      return { ConditionExpression: present, ...plain };
    case 'equal':
    case 'absent_or_equal':
    case 'absent_or_below': {
      const isBelow = condition.is === 'absent_or_below';
      const named = comparison(isBelow ? condition.below : condition.equals, isBelow ? '<' : '=');
      const holds = [present, ...named.terms].join(' AND ');
      return {
        ConditionExpression: condition.is === 'equal' ? holds : `${absent} OR (${holds})`,
        ExpressionAttributeNames: { ...names, ...named.names },
        ExpressionAttributeValues: { ...values, ...named.values },
      };
    }
  }
}

function comparison(attributes: Attributes, operator: '=' | '<') {
  const entries = Object.entries(attributes);
  return {
    terms: entries.map((_, index) => `#a${index} ${operator} :v${index}`),
    names: Object.fromEntries(entries.map(([name], index) => [`#a${index}`, name])),
    values: toDynamo(Object.fromEntries(entries.map(([, value], index) => [`:v${index}`, value]))),
  };
}
