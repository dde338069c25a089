import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSettings } from '../../local/settings.ts';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'local.md'), 'utf8');
const rows = new Map(
  [...page.matchAll(/^\| `([A-Z_]+)` +\| (.+?) +\|/gm)].map(([, name = '', set = '']) => [name, set]),
);

test('every environment variable that the code reads is on the page of settings, and no other', () => {
  const sources = ['cli', 'handlers', 'lib', 'local'].flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
  );
  const read = sources.flatMap((source) =>
    [...source.matchAll(/'((?:MEDIC|DYNAMODB)_[A-Z_]+)'/g)].map(([, name]) => name),
  );
  expect([...rows.keys()].toSorted()).toEqual([...new Set(read)].toSorted());
});

test('the defaults on the page are those of the code', () => {
  const settings = readSettings({});
  if ('problems' in settings) throw new Error(settings.problems.join(' '));
  expect(rows.get('MEDIC_PORT')).toBe(`\`${settings.port}\``);
  expect(rows.get('MEDIC_CLOCK_FACTOR')).toBe(`\`${settings.clockFactor}\``);
  expect(rows.get('MEDIC_PATROL_MS')).toContain(`\`${settings.patrolEveryMs}\``);
  expect(rows.get('MEDIC_SWEEP_MS')).toBe(`\`${settings.sweepEveryMs}\``);
  expect(rows.get('MEDIC_LOOK_AGAIN_MS')).toBe(
    `\`0\`: ${settings.lookAgainMs.map((waitMs) => waitMs / 1000).join(', ')} s`,
  );
});
