import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../lib/audit/canonical.ts';
import { chainHash, genesisHash } from '../../lib/audit/chain.ts';
import { indexCopies } from '../../lib/audit/index-copies.ts';
import { type AuditRecord, verifyAudit, verifyStream } from '../../lib/audit/verify.ts';

const stream = 'INCIDENT#i1';
const event = (seq: number, text: string) => ({
  seq,
  at: `2026-03-01T03:00:${String(seq).padStart(2, '0')}.000Z`,
  cluster: 'attic',
  node: 'node-1',
  actor: { kind: 'person', id: 'U1' },
  text,
});

/** An intact stream with these texts. */
function chain(texts: readonly string[]): readonly AuditRecord[] {
  let hash = genesisHash(stream);
  return texts.map((text, index) => {
    const body = canonicalJson(event(index + 1, text));
    hash = chainHash(hash, body);
    return { stream, seq: index + 1, body, hash, copies: indexCopies(event(index + 1, text)) };
  });
}
/** The same records, numbered again from 1 as somebody does who hides a gap. */
const renumbered = (records: readonly AuditRecord[]) => records.map((record, index) => ({ ...record, seq: index + 1 }));
const headOf = (records: readonly AuditRecord[]) => {
  const last = records.at(-1);
  return async () => (last === undefined ? undefined : { seq: last.seq, hash: last.hash });
};

/** An intact stream of 2 to 12 events and the position of one of them. */
const streamAndPlace = fc
  .array(fc.string({ unit: 'grapheme', maxLength: 5 }), { minLength: 2, maxLength: 12 })
  .chain((texts) => fc.tuple(fc.constant(chain(texts)), fc.nat({ max: texts.length - 1 })));

test('hashes as docs/audit-format.md says, computed here with nothing but SHA-256', () => {
  const sha = (text: string) => createHash('sha256').update(text).digest('hex');
  const [first, second] = chain(['a', 'b']);
  expect(first?.hash).toBe(sha(sha('INCIDENT#i1') + first?.body));
  expect(second?.hash).toBe(sha(first?.hash + String(second?.body)));
});

test('an intact stream holds, and says how many events it has', async () => {
  await fc.assert(
    fc.asyncProperty(streamAndPlace, async ([records]) => {
      const verdict = await verifyStream(stream, records, headOf(records));
      expect(verdict).toEqual({ ok: true, events: records.length, hash: records.at(-1)?.hash });
    }),
  );
});

describe('finds and names', () => {
  /** `falsify` gives the stream as found; `expected` what verify must say of it. */
  const finds = (
    falsify: (records: readonly AuditRecord[], place: number) => readonly AuditRecord[],
    expected: (place: number, count: number) => { readonly seq: number; readonly kind: string } | 'nothing to find',
  ) =>
    fc.assert(
      fc.asyncProperty(streamAndPlace, async ([records, place]) => {
        const wanted = expected(place, records.length);
        fc.pre(wanted !== 'nothing to find');
        const verdict = await verifyStream(stream, falsify(records, place), headOf(records));
        expect(verdict).toMatchObject({ ok: false, stream, ...wanted });
      }),
    );

  test('a changed body', () =>
    finds(
      (records, place) =>
        records.map((record, index) =>
          index === place ? { ...record, body: canonicalJson(event(place + 1, 'something else')) } : record,
        ),
      (place) => ({ seq: place + 1, kind: 'changed' }),
    ));

  test('a changed body with a new hash, at the event after it', () =>
    finds(
      (records, place) =>
        records.map((record, index) => {
          if (index !== place) return record;
          const body = canonicalJson(event(place + 1, 'something else'));
          return { ...record, body, hash: chainHash(records[place - 1]?.hash ?? genesisHash(stream), body) };
        }),
      (place, count) => (place === count - 1 ? { seq: count, kind: 'head' } : { seq: place + 2, kind: 'changed' }),
    ));

  test('a removed event', () =>
    finds(
      (records, place) => records.toSpliced(place, 1),
      (place, count) => ({ seq: place + 1, kind: place === count - 1 ? 'truncated' : 'removed' }),
    ));

  test('a removed event, when the rest was numbered again', () =>
    finds(
      (records, place) => renumbered(records.toSpliced(place, 1)),
      (place, count) => ({ seq: place + 1, kind: place === count - 1 ? 'truncated' : 'removed' }),
    ));

  test('two events that changed places', () =>
    finds(
      (records, place) => renumbered([...records.slice(0, place), ...records.slice(place).toReversed()]),
      (place, count) => (place === count - 1 ? 'nothing to find' : { seq: place + 1, kind: 'reordered' }),
    ));

  test('two events that changed places with their numbers, as in a shuffled export', () =>
    finds(
      (records, place) => [...records.slice(0, place), ...records.slice(place).toReversed()],
      (place, count) => (place === count - 1 ? 'nothing to find' : { seq: place + 1, kind: 'reordered' }),
    ));

  test('an inserted event that is chained correctly to the one before it', () =>
    finds(
      (records, place) => {
        const body = canonicalJson(event(place + 1, 'never happened'));
        const hash = chainHash(records[place - 1]?.hash ?? genesisHash(stream), body);
        const forged = { stream, seq: 0, body, hash, copies: indexCopies(event(place + 1, 'never happened')) };
        return renumbered(records.toSpliced(place, 0, forged));
      },
      (place) => ({ seq: place + 1, kind: 'inserted' }),
    ));

  test('a copy of an event behind the end, chained correctly', async () => {
    const records = chain(['a', 'b', 'c']);
    const verdict = await verifyStream(stream, records, headOf(records.slice(0, 2)));
    expect(verdict).toMatchObject({ ok: false, seq: 3, kind: 'inserted' });
  });

  test('a cut tail, because the head counts more', () =>
    finds(
      (records, place) => records.slice(0, place),
      (place) => ({ seq: place + 1, kind: 'truncated' }),
    ));

  test('an index attribute that differs from the body', () =>
    finds(
      (records, place) =>
        records.map((record, index) =>
          index === place ? { ...record, copies: { ...record.copies, nodePk: 'attic#node-2' } } : record,
        ),
      (place) => ({ seq: place + 1, kind: 'index_copy' }),
    ));

  test('a body that is no JSON any more', () =>
    finds(
      (records, place) => records.map((record, index) => (index === place ? { ...record, body: '{' } : record)),
      (place) => ({ seq: place + 1, kind: 'changed' }),
    ));

  test('a stream whose head is gone', async () => {
    const verdict = await verifyStream(stream, chain(['a']), async () => undefined);
    expect(verdict).toMatchObject({ ok: false, seq: 1, kind: 'head' });
  });
});

test('an event that is appended while verify reads is no problem', async () => {
  const records = chain(['a', 'b', 'c']);
  const heads = [records.slice(0, 2), records];
  const verdict = await verifyStream(stream, records, () => headOf(heads.shift() ?? [])());
  expect(verdict).toMatchObject({ ok: true, events: 3 });
});

test('names the first broken stream in one sentence, and stops there', async () => {
  const intact = chain(['a', 'b']);
  const source = (broken: readonly AuditRecord[]) => ({
    async *streams() {
      yield stream;
    },
    async *records() {
      yield* broken;
    },
    head: headOf(intact),
  });
  expect(await verifyAudit(source(intact))).toEqual({ ok: true, streams: 1, events: 2 });
  expect(await verifyAudit(source([]))).toEqual({
    ok: false,
    stream,
    seq: 1,
    kind: 'truncated',
    problem: 'INCIDENT#i1, event 1: it is missing: the head counts 2 events.',
  });
});

test('people are indexed, Medic is not, and empty fields make no entry', () => {
  expect(indexCopies(event(1, 'a'))).toEqual({
    at: '2026-03-01T03:00:01.000Z',
    dayPk: '2026-03-01',
    nodePk: 'attic#node-1',
    actorPk: 'U1',
  });
  const at = '2026-03-01T03:00:01.000Z';
  expect(indexCopies({ at, cluster: 'attic', node: '', actor: { kind: 'medic', id: 'medic' } })).toEqual({
    at,
    dayPk: '2026-03-01',
  });
});
