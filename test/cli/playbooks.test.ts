import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { playbook } from '../own-playbooks/write-playbooks.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'medic-playbooks-'));
  mkdirSync(join(folder, 'own'));
  writeFileSync(join(folder, 'own', 'hot-disk.ts'), playbook('hot-disk'));
  writeFileSync(join(folder, 'own', 'odd.ts'), `import 'node:fs';\n${playbook('odd')}`);
  writeFileSync(join(folder, 'medic.yaml'), medicYaml('demo'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const medicYaml = (name: string): string => `clusters:
  - name: ${name}
    channel: C0TALOS
    bindings: []
    playbooks: { default: act, stages: { hot-disk: suggest, nic-hangs: observe } }
playbooks: { folder: own }
`;

async function run(file: string, args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const env = { MEDIC_DATA: join(folder, 'data'), MEDIC_CONFIG: join(folder, 'medic.yaml'), ...more };
  return promisify(execFile)(process.execPath, [file, ...args], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => {
      if (!(error instanceof Error && 'stdout' in error && 'stderr' in error && 'code' in error)) throw error;
      return { code: error.code, stdout: String(error.stdout), stderr: String(error.stderr) };
    },
  );
}
const medic = (...args: readonly string[]) => run('dist/cli/medic.js', args);
const REFUSED = /own\/odd\.ts:1:8: a playbook imports files of its own folder/;

test('medic playbooks lists stages, names who is refused and why, and says that there is no record', async () => {
  const { code, stdout } = await medic('playbooks');
  expect(code).toBe(1);
  expect(stdout).toMatch(/hot-disk \(own\) +suggest +-/);
  expect(stdout).toMatch(/nic-hangs +observe +-/);
  expect(stdout).toMatch(/node-silent +act +-/);
  expect(stdout).toMatch(REFUSED);
  expect(stdout).toContain('There is no record at');
});

test('medic config check says what is wrong in a file, or what there is in it', async () => {
  const fine = await medic('config', 'check');
  expect(fine).toMatchObject({ code: 1, stdout: expect.stringContaining('1 playbook compiled and tried (hot-disk)') });
  expect(fine.stderr).toMatch(REFUSED);
  const real = join(folder, 'real.yaml');
  writeFileSync(real, medicYaml('prod').replace('playbooks: { folder: own }', 'playbook: {}'));
  const wrong = await medic('config', 'check', real);
  expect(wrong).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('real.yaml:6:1 (top): unknown key'),
  });
});

test('npm start refuses a real cluster before it does anything', async () => {
  const file = join(folder, 'prod.yaml');
  writeFileSync(file, medicYaml('prod'));
  const { code, stderr } = await run('dist/local/start.js', [], { MEDIC_CONFIG: file });
  expect([code, stderr]).toEqual([1, expect.stringContaining('prod.yaml: real clusters are not served yet')]);
});

test('medic diagnose tries playbooks of a folder, and a folder that is not there is a mistake of the caller', async () => {
  const { stdout, stderr } = await medic(
    'diagnose',
    '--scenario',
    'healthy',
    '--node',
    'w-1',
    '--playbooks',
    'examples/playbooks',
  );
  expect(stdout).toContain('WARNING other_time_servers (certain)');
  expect(stderr).toBe('');
  const none = await medic('diagnose', '--scenario', 'healthy', '--node', 'w-1', '--playbooks', '/no/folder');
  expect(none).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--playbooks: there is no folder /no/folder'),
  });
}, 60_000);
