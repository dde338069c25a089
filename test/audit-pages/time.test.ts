import { expect, test } from 'vitest';
import { between, duration, utc } from '../../lib/audit/pages/time.ts';

test.for<[ms: number, words: string]>([
  [0, '0 ms'],
  [850, '850 ms'],
  [12_400, '12.4 s'],
  [30_000, '30 s'],
  [60_000, '1 min'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
  [349_200_000, '4 d 1 h'],
])('%d ms read as %s', ([ms, words]) => {
  expect(duration(ms)).toBe(words);
});

test('a stamp that is no time is shown as it was written, and no duration is invented', () => {
  expect(utc('yesterday')).toBe('yesterday');
  expect(between('yesterday', '2026-11-20T03:12:07.000Z')).toBe('');
  expect(utc('2026-11-20T03:12:07.400Z')).toBe('2026-11-20 03:12:07 UTC');
});
