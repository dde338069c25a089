import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { MedicFile, readMedicFile } from '../../lib/config/medic-file.ts';
import { loadPlaybooks } from '../../lib/own-playbooks/load.ts';
import { keysOf } from './schema-keys.ts';

/** Draft 7, because editors know that one. What a person writes: defaults left out. */
const schema = z.toJSONSchema(MedicFile, { io: 'input', target: 'draft-7' });
const titled = { $schema: schema.$schema, title: 'medic.yaml, what a team decides about Talos Medic', ...schema };

const example = readFileSync('medic.example.yaml', 'utf8');
const keys = [...keysOf({ path: '', schema, shown: [parse(example)] })];

test('docs/medic.schema.json is what the schema of medic.yaml says', async () => {
  await expect(`${JSON.stringify(titled, null, 2)}\n`).toMatchFileSnapshot('../../docs/medic.schema.json');
});

test('medic.example.yaml has every key, explains each, and Medic starts with it as it is', async () => {
  expect(keys.length).toBeGreaterThan(10);
  expect(keys.filter(({ shown }) => shown.length === 0).map(({ path }) => path)).toEqual([]);
  const silent = keys.filter(({ path }) => !new RegExp(`^[ -]*${path.split('.').at(-1)}:.* # \\S`, 'm').test(example));
  expect(silent.map(({ path }) => path)).toEqual([]);
  const read = readMedicFile('medic.example.yaml');
  if (!read.ok) throw new Error(read.error.join('\n'));
  expect(await loadPlaybooks(read.value.playbookFolder ?? '')).toMatchObject({ ok: true, value: { refused: [] } });
});

test('editors and docs/configuration.md say of every key what it is', () => {
  const page = readFileSync('docs/configuration.md', 'utf8');
  const silent = keys.filter(({ schema: { description = '' } }) => !/^[^\n]{8,160}$/.test(description));
  expect(silent.map(({ path }) => path)).toEqual([]);
  const unsaid = keys.filter(({ path }) => !page.includes(`\`${path.split('.').at(-1)}\``));
  expect(unsaid.map(({ path }) => path)).toEqual([]);
});
