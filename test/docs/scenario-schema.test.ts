import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import * as z from 'zod';
import { ScenarioFile } from '../../simulator/nodes/scenario-schema.ts';
import { keysOf } from './schema-keys.ts';

const LIBRARY = 'simulator/scenarios';

/** Draft 7, because editors know that one. What a person writes: durations as text, defaults left out. */
const schema = z.toJSONSchema(ScenarioFile, { io: 'input', target: 'draft-7' });
const titled = { $schema: schema.$schema, title: 'A scenario of the simulated Talos cluster', ...schema };

const page = readFileSync('docs/scenarios.md', 'utf8');
const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].flatMap(([, text = '']) =>
  parseAllDocuments(text).map((document): unknown => document.toJS()),
);
const keys = [...keysOf({ path: '', schema, shown: examples })];

test('docs/scenario.schema.json is what the schema of scenario files says', async () => {
  await expect(`${JSON.stringify(titled, null, 2)}\n`).toMatchFileSnapshot('../../docs/scenario.schema.json');
});

test('every scenario of the library is one by the JSON Schema too, and a mistake is none', () => {
  const bySchema = z.fromJSONSchema(schema);
  for (const file of readdirSync(LIBRARY)) {
    const read = bySchema.safeParse(parse(readFileSync(join(LIBRARY, file), 'utf8')));
    expect([file, read.error?.issues]).toEqual([file, undefined]);
  }
  const mistaken = { summary: 'x', bootedAgo: 4, alerts: [], expect: { finding: 'healthy', offers: [], refused: [] } };
  expect(bySchema.safeParse(mistaken).success).toBe(false);
  expect(bySchema.safeParse({ ...mistaken, bootedAgo: '4m' }).success).toBe(true);
  expect(bySchema.safeParse({ ...mistaken, bootedAgo: '4m', node: 'w-1' }).success).toBe(false);
});

test('editors can say of every key what it is, in a line', () => {
  const silent = keys.filter(({ schema: { description = '' } }) => !/^[^\n]{8,160}$/.test(description));
  expect(silent.map(({ path }) => path)).toEqual([]);
});

test('the example of docs/scenarios.md shows every key', () => {
  expect(keys.length).toBeGreaterThan(100);
  expect(keys.filter(({ shown }) => shown.length === 0).map(({ path }) => path)).toEqual([]);
});

test('an example that lacks a key is found out, however deep the key lies', () => {
  const without = [{ nodes: { 'w-1': { systemDisk: { partitions: { STATE: 'absent' } } } } }];
  const missing = [...keysOf({ path: '', schema, shown: without })].filter(({ shown }) => shown.length === 0);
  const paths = missing.map(({ path }) => path);
  expect(paths).toContain('nodes.*.systemDisk.partitions.META');
  expect(paths).not.toContain('nodes.*.systemDisk.partitions.STATE');
  expect(paths).toContain('alerts[].labels.severity');
});
