import { expect, test } from 'vitest';
import { LineTail } from '../../lib/talos/line-tail.ts';
import { parseKernelLine } from '../../lib/talos/readings/text.ts';
import { isAtLeast } from '../../lib/versions/talos-version.ts';

test('lines survive chunks that cut lines and characters', () => {
  const tail = new LineTail(10, 1000);
  for (const byte of Buffer.from('eins\nzwölf\n')) tail.write(Uint8Array.of(byte));
  expect(tail.end()).toEqual({ lines: ['eins', 'zwölf'], notes: [] });
});

test('the last lines are kept, and it is said that others are missing', () => {
  const tail = new LineTail(3, 1000);
  for (let n = 1; n <= 1000; n += 1) tail.push(`line ${n}`);
  expect(tail.end()).toEqual({ lines: ['line 998', 'line 999', 'line 1000'], notes: ['the last 3 of 1000 lines'] });
  const few = new LineTail(100, 20);
  for (let n = 1; n <= 5; n += 1) few.push('0123456789');
  expect(few.end().lines).toHaveLength(2);
});

test('an endless line neither grows nor hides', () => {
  const tail = new LineTail(10, 100_000);
  for (let n = 0; n < 1000; n += 1) tail.write(Buffer.from('x'.repeat(100)));
  tail.write(Buffer.from('\nnext\n'));
  const { lines, notes } = tail.end();
  expect(lines.map((line) => line.length)).toEqual([4097, 4]);
  expect(notes).toEqual(['1 lines cut at 4096 characters']);
});

test('a kernel line keeps its facility and time; anything else is kept whole', () => {
  expect(
    parseKernelLine('user: warning: [2026-11-20T21:00:00.123456789Z]: [talos] task startAllServices (1/1)'),
  ).toEqual({
    at: '2026-11-20T21:00:00.123Z',
    facility: 'user',
    message: '[talos] task startAllServices (1/1)',
  });
  expect(parseKernelLine('kern:    info: [2026-11-20T21:00:00Z]: a: [b]: c').message).toBe('a: [b]: c');
  expect(parseKernelLine('something else')).toEqual({ at: undefined, facility: '', message: 'something else' });
  expect(parseKernelLine('kern: info: [yesterday]: x').at).toBeUndefined();
});

test('versions compare by number, and an unknown one has nothing', () => {
  expect(isAtLeast('v1.13.0-rc.1', '1.9')).toBe(true);
  expect(isAtLeast('v1.9.6', '1.13')).toBe(false);
  expect(isAtLeast('v2.0.0', '1.14')).toBe(true);
  expect(isAtLeast(undefined, '1.8')).toBe(false);
});
