import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CancellationReason,
  type DynamoDBClient,
  DynamoDBServiceException,
  IdempotentParameterMismatchException,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';

/** How often a loser of races, or a caller of a throttled table, tries before it gives up. Measured: 9 to 12. */
export const MAX_TRIES = 12;

/**
 * `cancelled`: certainly did not happen, reasons in the order of the items. `unknown`: nobody knows yet; sending the
 * same input again, with its token, is the way to find out.
 */
export type Outcome =
  | { readonly is: 'committed' }
  | { readonly is: 'cancelled'; readonly reasons: readonly CancellationReason[] }
  | { readonly is: 'unknown'; readonly message: string };

/** Throws only on bugs: a refused shape, a missing table, a missing right. */
export async function transact(client: DynamoDBClient, input: TransactWriteItemsCommandInput): Promise<Outcome> {
  try {
    await client.send(new TransactWriteItemsCommand(input));
    return { is: 'committed' };
  } catch (error) {
    if (error instanceof TransactionCanceledException) {
      const reasons = error.CancellationReasons ?? [];
      if (reasons.some(({ Code }) => Code === 'ValidationError')) throw error;
      return { is: 'cancelled', reasons };
    }
    // The token is taken by other items, so these were not written: to be decided again, under another token.
    if (error instanceof IdempotentParameterMismatchException) return { is: 'cancelled', reasons: [] };
    return { is: 'unknown', message: whyTransient(error) };
  }
}

/** Faults of a moment: the table is throttled or busy with this very token. */
const MOMENTARY: readonly string[] = [
  'InternalServerError',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'TransactionConflictException',
  'TransactionInProgressException',
];

/** The message of a fault that trying again may cure (network, throttling, 5xx); throws every other error again. */
export function whyTransient(error: unknown): string {
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) throw error;
  const isOurs = error instanceof DynamoDBServiceException && error.$fault === 'client';
  if (isOurs && !MOMENTARY.includes(error.name)) throw error;
  return `${error.name}: ${error.message}`;
}

/** Full jitter: anything up to 25, 50, 100, 200, then 400 ms. */
export async function pause(tries: number, random: () => number): Promise<void> {
  await sleep(random() * Math.min(400, 12.5 * 2 ** tries));
}
