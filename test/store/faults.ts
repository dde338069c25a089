import { type DynamoDBClient, ThrottlingException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';

/**
 * `conflict`, `throttle`: refused before it was sent. `lost_before`: the connection broke before the table saw it.
 * `lost_after`: the table took it, the reply was lost.
 */
export type Fault = 'conflict' | 'throttle' | 'lost_before' | 'lost_after';

/** Faults for the next calls of one command of this client, one per sending (the SDK's own retries included). */
export type Faults = {
  next(command: string, ...faults: readonly Fault[]): void;
  /** For every sending of the command that has no fault of its own. */
  each(command: string, choose: () => Fault | undefined): void;
  sent(command: string): number;
};

/** Sits below the SDK's retry, so that the SDK sees what it would see on a bad network. */
export function injectFaults(client: DynamoDBClient): Faults {
  const planned = new Map<string, Fault[]>();
  const chosen = new Map<string, () => Fault | undefined>();
  const counts = new Map<string, number>();
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const command = String(context['commandName']);
      counts.set(command, (counts.get(command) ?? 0) + 1);
      const fault = planned.get(command)?.shift() ?? chosen.get(command)?.();
      if (fault === 'lost_after') {
        await next(args);
        throw brokenConnection();
      }
      if (fault !== undefined) throw refusal(fault);
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low', name: 'faults' },
  );
  return {
    next: (command, ...faults) => void planned.set(command, [...faults]),
    each: (command, choose) => void chosen.set(command, choose),
    sent: (command) => counts.get(command) ?? 0,
  };
}

const brokenConnection = () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

function refusal(fault: Fault): Error {
  if (fault === 'conflict') {
    return new TransactionCanceledException({
      message: 'Transaction cancelled',
      $metadata: {},
      CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }],
    });
  }
  if (fault === 'throttle') return new ThrottlingException({ message: 'Rate exceeded', $metadata: {} });
  return brokenConnection();
}
