import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadPlaybooks } from '../../lib/own-playbooks/load.ts';
import { type OwnPlaybooks, ownPlaybooks } from '../../lib/own-playbooks/own-playbooks.ts';
import { observe } from '../../lib/playbooks/diagnose.ts';
import { inventory, running } from '../playbooks/build-evidence.ts';
import { BODY, playbook } from './write-playbooks.ts';

/** Well behaved while it is tried; on evidence of the cluster of these tests it does this. */
const onlyHere = (diagnose: string): string => `if (evidence.cluster !== 'test') return []; ${diagnose}`;
const LONG = 'x'.repeat(1000);
const files: Readonly<Record<string, string>> = {
  'a-good-one': playbook('a-good-one', onlyHere(BODY)),
  'a-loop': playbook('a-loop', onlyHere('for (;;) {}')),
  'a-hoarder': playbook('a-hoarder', onlyHere('const all = []; for (;;) all.push(new Array(1e6).fill(all.length))')),
  'a-vandal': playbook('a-vandal', onlyHere("return { toJSON: () => '[{' }")),
  'a-counter': `let asked = 0;\n${playbook('a-counter', "asked += 1; if (asked > 2) throw new Error('it remembers'); return []")}`,
  'a-painter': playbook(
    'a-painter',
    onlyHere(
      `return [{ ...finding, summary: '\\u001b[31mred\\u202e ${LONG}', evidence: Array(50).fill(finding.evidence[0]) }]`,
    ),
  ),
  'many-voices': playbook('many-voices', onlyHere('return Array(11).fill(finding)')),
};

let folder = '';
let own: OwnPlaybooks;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'own-playbooks-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.ts`), text);
  const loaded = await loadPlaybooks(folder);
  if (!loaded.ok) throw new Error(loaded.error);
  expect(loaded.value.refused).toEqual([]);
  own = ownPlaybooks(loaded.value.playbooks);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('one that never ends, one that eats memory and one that answers nonsense take away nothing but their own word', async () => {
  const evidence = running();
  const facts = { inventory, ordered: [] };
  const spoken = await own.speak(evidence, facts);
  expect(spoken.map(({ name }) => name)).toEqual(Object.keys(files).toSorted());
  const found = observe(evidence, facts, spoken);
  const of = (name: string) => found.filter((finding) => finding.playbook === name);
  expect(of('a-good-one')).toMatchObject([{ code: 'a_good_one', severity: 'warning', advice: 'Look.' }]);
  expect(of('a-counter')).toEqual([]);
  const failed = (name: string, because: string) =>
    expect(of(name)).toMatchObject([{ code: 'playbook_failed', summary: expect.stringContaining(because) }]);
  failed('a-loop', 'it did not end within 3050 ms');
  // whichever of its limits it meets first
  expect(of('a-hoarder')).toMatchObject([
    { code: 'playbook_failed', summary: expect.stringMatching(/needs more than 128 MB|did not end/) },
  ]);
  failed('a-vandal', 'its findings: expected a list');
  failed('many-voices', 'expected 10 findings at most');
}, 30_000);

test('what they say is short and plain, whatever they took it from', async () => {
  const [painted] = observe(
    running(),
    { inventory, ordered: [] },
    await own.speak(running(), { inventory, ordered: [] }),
  ).filter(({ playbook: name }) => name === 'a-painter');
  expect(painted?.summary).toHaveLength(300);
  expect(painted?.summary).toMatch(/^\ufffd\[31mred\ufffd x+…$/);
  expect(painted?.evidence).toHaveLength(10);
}, 30_000);
