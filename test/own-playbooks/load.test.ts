import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { loadPlaybooks } from '../../lib/own-playbooks/load.ts';
import { BODY, playbook } from './write-playbooks.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder with these files, loaded. */
async function load(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'own-playbooks-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text.replace('MEDIC', relative(realpathSync(folder), ROOT)));
  }
  const loaded = await loadPlaybooks(folder);
  if (!loaded.ok) throw new Error(loaded.error);
  return { folder, ...loaded.value };
}

const faulty: Readonly<Record<string, { readonly text: string; readonly at?: string; readonly says: string }>> = {
  'no TypeScript': { text: 'export const playbook = {\n  name: ;', at: '2:9', says: 'Unexpected ";"' },
  'nothing exported': { text: 'const playbook = 1;', says: 'it exports no playbook' },
  'another name': { text: playbook('hot-disk'), says: 'its name is "hot-disk", and has to be that of its file, "odd"' },
  'no function': { text: `export const playbook = { name: 'odd', diagnose: 5 };`, says: 'its diagnose is no function' },
  'a file of the machine': {
    text: `\nimport { readFileSync } from 'node:fs';\n${playbook('odd', 'return [readFileSync("/etc/passwd")]')}`,
    at: '2:30',
    says: 'a playbook imports files of its own folder and "talos-medic/playbook", not "node:fs"',
  },
  'a file above': {
    text: `import { x } from '../../etc/x.ts';\n${playbook('odd', 'return x')}`,
    at: '1:19',
    says: 'Could not resolve',
  },
  'a file that Medic keeps to itself': {
    text: `import { ok } from 'MEDIC/lib/result.ts';\n${playbook('odd', 'return ok')}`,
    at: '1:20',
    says: 'a playbook imports files of its own folder',
  },
  'a network': { text: playbook('odd', `fetch('https://example.net')`), at: '2:', says: 'fetch is not defined' },
  'a module by another way': { text: playbook('odd', `require('node:fs')`), at: '2:', says: 'not "node:fs"' },
  'a process': { text: playbook('odd', 'return process.env'), at: '2:', says: 'process is not defined' },
  'a clock': { text: playbook('odd', 'return [new Date()]'), at: '2:', says: 'a playbook has no clock' },
  'the same clock': { text: playbook('odd', 'return [Date.now()]'), at: '2:', says: 'a playbook has no clock' },
  'a coin': {
    text: playbook('odd', 'return Math.random() < 0.5 ? [] : []'),
    at: '2:',
    says: 'a playbook has no chance',
  },
  'code out of a text': { text: playbook('odd', `return eval('[]')`), at: '2:', says: 'Code generation' },
  'a throw while it is loaded': {
    text: `${playbook('odd')}\n\nthrow new Error('not today');`,
    at: '7:7',
    says: 'not today',
  },
  'a throw where nothing is known': {
    text: playbook('odd', `if (!evidence.readings.version) throw new Error('no version'); return []`),
    at: '2:',
    says: 'no version',
  },
  'a loop while it is loaded': { text: 'for (;;) {}', says: 'it did not end within' },
  'a loop when it is asked': { text: playbook('odd', 'for (;;) {}'), says: 'it did not end within' },
  'a promise': { text: playbook('odd', 'return Promise.resolve([])'), says: 'its findings: expected a list' },
  nothing: { text: playbook('odd', 'return'), says: 'its findings: expected a list' },
  'a finding without a summary': {
    text: playbook('odd', `return [{ ...finding, summary: undefined }]`),
    says: 'its findings.0.summary: expected text, which is missing',
  },
  'a remedy that nobody knows': {
    text: playbook('odd', `return [{ ...finding, suggests: ['rm -rf /'] }]`),
    says: 'its findings.0.suggests.0: expected "restart_service", "reboot"',
  },
  "a code of Medic's own": {
    text: playbook('odd', `return [{ ...finding, code: 'node_silent' }]`),
    says: 'it finds "node_silent"; its codes are odd and what begins with odd_',
  },
  'a page that is not there': {
    text: playbook('odd', BODY, `page: './odd.md',`),
    says: 'its page "./odd.md" cannot be read',
  },
  'a page of the machine': {
    text: playbook('odd', BODY, `page: '../../etc/x.md',`),
    says: 'is neither an address (https://…) nor a Markdown file of this folder',
  },
  'a script as a page': { text: playbook('odd', BODY, `page: 'javascript:alert(1)',`), says: 'is neither an address' },
};

test('each faulty one is refused with its file, its line where there is one, and the reason; the good one works', async () => {
  const files = Object.entries(faulty).map(([why, { text }], n) => [why, `odd/${n}`, text] as const);
  for (const [why, , text] of files) {
    const { folder, playbooks, refused } = await load({ 'odd.ts': text, 'good.ts': playbook('good') });
    const { at = '', says } = faulty[why] ?? { says: '' };
    expect(playbooks.map(({ name }) => name)).toEqual(['good']);
    expect([why, refused[0]?.because]).toEqual([why, expect.stringContaining(says)]);
    expect(refused[0]?.because).toContain(join(folder, at === '' ? 'odd.ts' : `odd.ts:${at}`));
  }
}, 120_000);

test('names that are taken or that nobody could write into medic.yaml are refused', async () => {
  const { playbooks, refused } = await load({
    'nic-hangs.ts': playbook('nic-hangs'),
    'healthy.ts': playbook('healthy'),
    'Odd_One.ts': playbook('Odd_One'),
  });
  expect(playbooks).toEqual([]);
  expect(refused.map(({ because }) => because)).toEqual([
    expect.stringContaining('no kebab-case'),
    expect.stringContaining('Medic has a playbook of this name'),
    expect.stringContaining('Medic has a playbook of this name'),
  ]);
});

test('helpers in the folder, tests beside and pages are what they are', async () => {
  const { playbooks, refused } = await load({
    'warm.ts': `import { limit } from './parts/limit.ts';\n${playbook('warm', 'return limit > 3 ? [] : []', `page: './warm.md',`)}`,
    'warm.md': '# Warm',
    'warm.test.ts': 'this is no playbook',
    'types.d.ts': 'declare const x: number;',
    'parts/limit.ts': 'export const limit = 4;',
    'away.ts': playbook('away', BODY, `page: 'https://wiki.example.net/away',`),
    'README.md': 'hello',
  });
  expect(refused).toEqual([]);
  expect(playbooks.map(({ name, page }) => ({ name, page }))).toEqual([
    { name: 'away', page: { address: 'https://wiki.example.net/away' } },
    { name: 'warm', page: { markdown: '# Warm' } },
  ]);
});

test('a folder that is not there is said to be missing', async () => {
  expect(await loadPlaybooks('/no/such/folder')).toEqual({ ok: false, error: 'there is no folder /no/such/folder' });
});
