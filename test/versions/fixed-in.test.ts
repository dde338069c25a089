import { expect, test } from 'vitest';
import { hasFix, nearestFix } from '../../lib/versions/fixed-in.ts';

test.for([
  ['v1.12.1', false, 'one before the fix'],
  ['v1.12.2', true, 'the fix itself'],
  ['v1.12.10', true, 'numbers, not text'],
  ['v1.11.9', false, 'a line that never got it'],
  ['v1.13.0', true, 'the next line, named'],
  ['v1.13.0-rc.1', false, 'before the release that is named'],
  ['v1.12.2-dirty', false, 'nobody knows what a build of its own has'],
  ['v1.14.1', true, 'every line after the last named one'],
  ['v2.0.0', true, 'and every major version'],
  ['1.12.2', true, 'without the v'],
  ['main', undefined, 'no version'],
  [undefined, undefined, 'nothing read'],
] as const)('%s has a fix of v1.12.2 and v1.13.0: %s (%s)', ([tag, expected]) => {
  expect(hasFix(tag, ['v1.12.2', 'v1.13.0'])).toBe(expected);
});

test.for([
  ['v1.12.1', 'v1.12.2', 'the fix of its own line'],
  ['v1.11.9', 'v1.12.2', 'that of the next line, where its own never got it'],
  ['v1.10.3', undefined, 'two lines away: Talos goes from one line to the next'],
  ['v1.12.2', undefined, 'it has the fix'],
  ['v1.14.1', undefined, 'so has every later line'],
  ['main', undefined, 'no version'],
  [undefined, undefined, 'nothing read'],
] as const)('from %s the fix of v1.12.2 and v1.13.0 comes with %s (%s)', ([tag, expected]) => {
  expect(nearestFix(tag, ['v1.12.2', 'v1.13.0'])).toBe(expected);
});
