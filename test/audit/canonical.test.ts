import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../lib/audit/canonical.ts';

const leaf = fc.oneof(fc.string({ unit: 'grapheme' }), fc.maxSafeInteger());
const { event } = fc.letrec<{ event: object; value: unknown }>((tie) => ({
  event: fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
  value: fc.oneof({ maxDepth: 3 }, leaf, fc.array(leaf, { maxLength: 3 }), tie('event')),
}));

test('says what RFC 8785 says: keys by UTF-16 unit, no spaces, shortest escapes', () => {
  const written = canonicalJson({ '\u20ac': 1, '\r': 2, '1': 3, '\u{1f600}': 4, '\ufb33': 5, b: ['x\n"\u0001', -7] });
  expect(written).toBe('{"\\r":2,"1":3,"b":["x\\n\\"\\u0001",-7],"\u20ac":1,"\u{1f600}":4,"\ufb33":5}');
});

test('reads back as what was written, whatever the order of the keys', () => {
  fc.assert(
    fc.property(event, (value) => {
      const backwards = Object.fromEntries(Object.entries(value).toReversed());
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(backwards)).toBe(canonicalJson(value));
    }),
  );
});

test('drops absent members', () => {
  expect(canonicalJson({ node: undefined, cluster: 'attic' })).toBe('{"cluster":"attic"}');
});

test.for([
  { value: { data: { share: 0.5 } }, path: '$.data.share is number 0.5' },
  { value: { data: [1, null] }, path: '$.data[1] is null' },
  { value: { data: [undefined] }, path: '$.data[0] is undefined' },
  { value: { isDone: true }, path: '$.isDone is boolean true' },
  { value: { bytes: 2 ** 53 }, path: '$.bytes is number 9007199254740992' },
  { value: { at: new Date(0) }, path: '$.at is no plain object' },
  { value: { text: 'a\ud800' }, path: '$.text holds half of a surrogate pair' },
])('refuses what other readers would read differently: $path', ({ value, path }) => {
  expect(() => canonicalJson(value)).toThrow(path);
});
