import type { Key } from './ledger-types.ts';

/** Sort key of a stream's head in the state table. */
export const HEAD = 'HEAD';

export const eventKey = (stream: string, seq: number): Key => ({
  pk: stream,
  sk: `EVENT#${String(seq).padStart(12, '0')}`,
});

/** 0 for a sort key that no event has. */
export const seqOf = (sk: string): number => Number(/^EVENT#(\d{12})$/.exec(sk)?.[1] ?? 0);
