import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { actionTraits } from '../../lib/actions/traits.ts';
import { Limits } from '../../lib/safety/limits.ts';

const page = readFileSync('docs/gates.md', 'utf8');
const gates = [...new Set(Object.values(actionTraits).flatMap((traits) => traits.gates))];

test.for(gates)('the page has a row for %s', (gate) => {
  expect(page).toMatch(new RegExp(`^\\| \`${gate}\` `, 'm'));
});

test('the page names every key of the config that sets a gate, and the defaults', () => {
  const { storm, repeat } = Limits.parse({});
  for (const key of Object.keys(Limits.shape)) expect(page).toContain(key);
  for (const [key, value] of Object.entries({ ...storm })) expect(page).toContain(`\`storm.${key}\` (${value})`);
  for (const [key, value] of Object.entries({ ...repeat })) expect(page).toContain(`\`repeat.${key}\` (${value})`);
});
