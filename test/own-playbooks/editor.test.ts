import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** A folder somewhere else, made as docs/add-a-playbook.md says. */
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'our-medic-'));
  cpSync('examples/playbooks', folder, { recursive: true });
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: resolve('examples/playbooks/tsconfig.json') }),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const tsc = async (): Promise<string> => {
  const run = promisify(execFile)(process.execPath, ['node_modules/typescript/bin/tsc', '-p', folder]);
  return run.then(
    ({ stdout }) => stdout,
    (error: unknown) => (error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)),
  );
};

test('the types of the contract reach an author whose folder is elsewhere, and name what is wrong there alone', async () => {
  expect(await tsc()).toBe('');
  const file = join(folder, 'other-time-servers.ts');
  writeFileSync(file, readFileSync(file, 'utf8').replace("severity: 'warning'", "severity: 'grave'"));
  const said = await tsc();
  expect(said).toContain(`Type '"grave"' is not assignable to type 'Severity'`);
  expect(said.match(/^\S+(?=\(\d+,\d+\): error)/gm)).toEqual([expect.stringContaining('other-time-servers.ts')]);
}, 60_000);
