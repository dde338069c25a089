import {
  CreateTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { auditTable, stateTable, type TableNames, TTL_ATTRIBUTE, tableShape } from './tables.ts';

/** Makes what is missing and leaves the rest as it is; may be called at every start, by several processes at once. */
export async function createTables(client: DynamoDBClient, names: TableNames): Promise<void> {
  for (const table of [auditTable(names.audit), stateTable(names.state)]) {
    try {
      await client.send(new CreateTableCommand({ TableName: table.name, ...tableShape(table) }));
    } catch (error) {
      if (!(error instanceof ResourceInUseException)) throw error;
    }
    await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName: table.name });
  }
  const { TimeToLiveDescription: ttl } = await client.send(new DescribeTimeToLiveCommand({ TableName: names.state }));
  if (ttl?.TimeToLiveStatus === 'ENABLED' || ttl?.TimeToLiveStatus === 'ENABLING') return;
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: names.state,
      TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
    }),
  );
}
