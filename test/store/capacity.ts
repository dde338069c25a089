import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';

export type Units = { writes: number; reads: number };

/** Counts the units that the table says each call of this client took, from now on. */
export function countUnits(client: DynamoDBClient): Units {
  const units: Units = { writes: 0, reads: 0 };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const reply = await next({ ...args, input: Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' }) });
      const isRead = /^(Get|Query|Scan|BatchGet|TransactGet)/.test(String(context['commandName']));
      units[isRead ? 'reads' : 'writes'] += totalOf(reply.output);
      return reply;
    },
    { step: 'initialize', name: 'countUnits' },
  );
  return units;
}

const Reported = z.object({ CapacityUnits: z.number() });
const Reply = z.object({ ConsumedCapacity: z.union([z.array(Reported), Reported.transform((one) => [one])]) });

/** Calls without a report (tables being made, and the like) count nothing. */
function totalOf(output: object): number {
  const reply = Reply.safeParse(output);
  return reply.success ? reply.data.ConsumedCapacity.reduce((sum, each) => sum + each.CapacityUnits, 0) : 0;
}
