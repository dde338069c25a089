import { err, ok } from '../../lib/result.ts';
import type {
  Attributes,
  Condition,
  Decision,
  Items,
  Key,
  Ledger,
  Stamped,
  StoredItem,
  StreamKind,
  Write,
} from '../../lib/store/ledger-types.ts';

type Item = { readonly attributes: Attributes; readonly expiresAtS: number | undefined };
type Head = {
  readonly seq: number;
  /** As `encode` wrote it. */
  readonly text: string;
  readonly list: readonly [string, string] | undefined;
  readonly open: string | undefined;
};
export type Commit = {
  readonly stream: string;
  /** Events as JSON, and the state after them as `encode` wrote it; '' where only items were written. */
  readonly bodies: readonly string[];
  readonly text: string;
  readonly writes: readonly Write[];
};

/** What both tables hold: heads, events, and plain items. Shared by all processes. */
export type MemoryTable = {
  readonly heads: Map<string, Head>;
  readonly events: Map<string, string[]>;
  /** By partition key, then by sort key. */
  readonly items: Map<string, Map<string, Item>>;
  /** Told of everything that was written, at the moment of it. */
  readonly listeners: ((commit: Commit) => void)[];
};

export const memoryTable = (): MemoryTable => ({
  heads: new Map(),
  events: new Map(),
  items: new Map(),
  listeners: [],
});

/** As lib/store/change.ts. */
const MAX_TRIES = 12;

/** What happens around one request. `lost`: nobody says whether it was taken. Throws when whoever asks is dead. */
export type Wire = {
  readonly now: () => Date;
  /** Before a read: it may wait, and throw. */
  readonly read: () => Promise<void>;
  /** Around a write: it waits before and after, and says how it ends for the one who asked. */
  readonly write: (take: () => boolean) => Promise<'taken' | 'refused' | 'lost'>;
};

/** Ledger and items on one table in memory: the contract of lib/store/ledger-types.ts, with races and lost replies. */
export function memoryStore(table: MemoryTable, wire: Wire): Ledger & Items {
  const nowS = () => Math.floor(wire.now().getTime() / 1000);
  const lookUp = (key: Key): StoredItem | undefined => {
    const found = table.items.get(key.pk)?.get(key.sk);
    const isOver = found?.expiresAtS !== undefined && found.expiresAtS <= nowS();
    return found === undefined || isOver ? undefined : { ...key, attributes: found.attributes };
  };
  const mayWrite = ({ key, when }: Write): boolean => when === undefined || holds(when, lookUp(key)?.attributes);
  const put = (write: Write): void => {
    if (write.do === 'check') return;
    const { pk, sk } = write.key;
    const partition = table.items.get(pk) ?? new Map<string, Item>();
    table.items.set(pk, partition);
    if (write.do === 'delete') partition.delete(sk);
    else partition.set(sk, { attributes: { ...write.attributes }, expiresAtS: write.expiresAtS });
  };
  const tell = (commit: Commit): void => {
    for (const each of table.listeners) each(commit);
  };

  async function commit<S, N extends object, E extends N & Stamped>(
    kind: StreamKind<S, N, E>,
    stream: string,
    seen: Head | undefined,
    state: S | undefined,
    at: string,
    decision: Pick<Decision<N, unknown>, 'events' | 'writes'>,
  ): Promise<'taken' | 'refused' | 'lost'> {
    const { events, writes = [] } = decision;
    let seq = seen?.seq ?? 0;
    let next = state;
    const bodies: string[] = [];
    for (const event of events) {
      seq += 1;
      const body = JSON.stringify(kind.stamp(event, seq, at));
      const parsed = kind.parseEvent(JSON.parse(body));
      next = kind.fold(next, parsed);
      bodies.push(body);
    }
    if (next === undefined) throw new TypeError(`the fold of ${stream} gave no state`);
    const { list, open } = kind.indexes?.(next) ?? {};
    const head: Head = { seq, text: kind.encode(next), list, open };
    return wire.write(() => {
      if ((table.heads.get(stream)?.seq ?? 0) !== (seen?.seq ?? 0) || !writes.every(mayWrite)) return false;
      table.heads.set(stream, head);
      table.events.set(stream, [...(table.events.get(stream) ?? []), ...bodies]);
      for (const write of writes) put(write);
      tell({ stream, bodies, text: head.text, writes });
      return true;
    });
  }

  return {
    async read(kind, stream) {
      await wire.read();
      return stateOf(kind, table.heads.get(stream));
    },
    async change(kind, stream, decide) {
      for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
        await wire.read();
        const seen = table.heads.get(stream);
        const state = stateOf(kind, seen);
        const at = wire.now().toISOString();
        const decision = await decide(state, at);
        if (decision.events.length === 0) return ok(decision.result);
        const outcome = await commit(kind, stream, seen, state, at, decision);
        if (outcome === 'taken') return ok(decision.result);
        if (outcome === 'lost') return err({ code: 'unavailable', message: `${stream}: no reply` });
      }
      return err({ code: 'contended', message: `${stream} was not changed after ${MAX_TRIES} tries` });
    },
    async *events(stream, fromSeq = 1) {
      for (const [at, body] of (table.events.get(stream) ?? []).entries()) {
        if (at + 1 >= fromSeq) yield { stream, seq: at + 1, body, hash: '' };
      }
    },
    async get(key) {
      await wire.read();
      return lookUp(key);
    },
    async query(pk, { skPrefix = '', limit = Number.POSITIVE_INFINITY } = {}) {
      await wire.read();
      return [...(table.items.get(pk)?.keys() ?? [])]
        .filter((sk) => sk.startsWith(skPrefix))
        .toSorted()
        .flatMap((sk) => lookUp({ pk, sk }) ?? [])
        .slice(0, limit);
    },
    async write(write) {
      const outcome = await wire.write(() => {
        if (!mayWrite(write)) return false;
        put(write);
        tell({ stream: '', bodies: [], text: '', writes: [write] });
        return true;
      });
      if (outcome === 'lost') throw new Error(`${write.key.pk} ${write.key.sk}: no reply`);
      return outcome === 'taken' ? 'written' : 'refused';
    },
    async listed(list, limit) {
      await wire.read();
      return [...table.heads.entries()]
        .flatMap(([stream, { list: copy }]) => (copy?.[0] === list ? [{ stream, sk: copy[1] }] : []))
        .toSorted((a, b) => (a.sk < b.sk ? 1 : -1))
        .map(({ stream }) => stream)
        .slice(0, limit);
    },
    async open() {
      await wire.read();
      return [...table.heads.entries()].filter(([, { open }]) => open !== undefined).map(([stream]) => stream);
    },
  };
}

const stateOf = <S, N extends object, E extends N & Stamped>(
  kind: StreamKind<S, N, E>,
  head: Head | undefined,
): S | undefined => (head === undefined ? undefined : kind.decode(head.text));

function holds(when: Condition, there: Attributes | undefined): boolean {
  switch (when.is) {
    case 'absent':
      return there === undefined;
    case 'present':
      return there !== undefined;
    case 'equal':
      return there !== undefined && isEqual(when.equals, there);
    case 'absent_or_equal':
      return there === undefined || isEqual(when.equals, there);
    case 'absent_or_below':
      return there === undefined || Object.entries(when.below).every(([name, most]) => isBelow(there[name], most));
  }
}
const isEqual = (wanted: Attributes, there: Attributes): boolean =>
  Object.entries(wanted).every(([name, value]) => there[name] === value);
const isBelow = (value: string | number | undefined, most: number): boolean =>
  typeof value === 'number' && value < most;
