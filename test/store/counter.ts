import * as z from 'zod';
import type { StreamKind } from '../../lib/store/ledger-types.ts';

/** The smallest stream: it sums what its events add, and keeps who added. */
const Added = z.object({
  seq: z.int(),
  at: z.string(),
  by: z.int(),
  actor: z.object({ kind: z.string(), id: z.string() }),
  cluster: z.string(),
  node: z.string(),
});
type Added = z.infer<typeof Added>;
export type NewAdded = Omit<Added, 'seq' | 'at'>;
const Sum = z.object({ sum: z.int(), events: z.int(), at: z.string() });
export type Sum = z.infer<typeof Sum>;

export const counter: StreamKind<Sum, NewAdded, Added> = {
  fold: (state, event) => ({ sum: (state?.sum ?? 0) + event.by, events: event.seq, at: event.at }),
  stamp: (event, seq, at) => ({ ...event, seq, at }),
  parseEvent: (body) => Added.parse(body),
  encode: (state) => JSON.stringify(state),
  decode: (text) => Sum.parse(JSON.parse(text)),
  indexes: (state) => ({ list: ['COUNTER', state.at], ...(state.sum < 10 ? { open: 'COUNTER' } : {}) }),
};

export const added = (by: number, who = 'U1'): NewAdded => ({
  by,
  actor: { kind: 'person', id: who },
  cluster: 'attic',
  node: 'node-1',
});
