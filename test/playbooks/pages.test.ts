import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BUILT_IN_CODES } from '../../lib/playbooks/built-in.ts';

const folder = join(import.meta.dirname, '..', '..', 'docs', 'playbooks');

test.each(BUILT_IN_CODES)('whoever looks up %s finds its page, with evidence, remedy, risk and source', (code) => {
  const path = join(folder, `${code}.md`);
  expect(existsSync(path)).toBe(true);
  const page = readFileSync(path, 'utf8');
  expect(page).toContain(`# \`${code}\``);
  for (const part of ['Evidence', 'Remedy', 'Risk', 'Source'])
    expect(page).toMatch(new RegExp(`\\*\\*${part}\\.\\*\\* \\S`));
});

test('there is no page that nobody can be led to', () => {
  const pages = readdirSync(folder).map((file) => file.replace(/\.md$/, ''));
  expect(pages.toSorted()).toEqual([...BUILT_IN_CODES].toSorted());
});
