import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { CreateTableCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stateTable, tableShape } from '../../lib/store/tables.ts';
import { localDynamoClient, startDynoxide } from '../../local/dynoxide.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medic-dynoxide-'));
});
afterEach(() => rm(folder, { recursive: true }));

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a database that is killed comes back on its port, says so, and has kept everything', async () => {
  const lines: string[] = [];
  const dynoxide = await startDynoxide({ dbPath: join(folder, 'medic.db'), log: (line) => lines.push(line) });
  const client = localDynamoClient(dynoxide.endpoint);
  await client.send(new CreateTableCommand({ TableName: 'state', ...tableShape(stateTable('state')) }));
  const first = dynoxide.pid();
  process.kill(first, 'SIGKILL');
  await expect.poll(() => dynoxide.pid(), { timeout: 20_000, interval: 5 }).not.toBe(first);
  expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual(['state']);
  expect(lines).toEqual(['the local database ended by itself (exit code 137), starting it again']);
  await dynoxide.stop();
  client.destroy();
});

test('stopping leaves no process behind, also right after a death', async () => {
  const dynoxide = await startDynoxide({ dbPath: join(folder, 'medic.db') });
  const first = dynoxide.pid();
  process.kill(first, 'SIGKILL');
  await dynoxide.stop();
  expect(isRunning(first)).toBe(false);
  expect(isRunning(dynoxide.pid())).toBe(false);
  await expect(fetch(dynoxide.endpoint)).rejects.toThrow();
});

test('a database that cannot use its file does not start, and says why', async () => {
  await expect(startDynoxide({ dbPath: join(folder, 'no', 'such', 'folder', 'medic.db') })).rejects.toThrow(
    /The local database did not start \(exit code \d+\): .+/s,
  );
});

test('the database does not outlive a process of ours that is killed with -9', async () => {
  const root = join(import.meta.dirname, '../..');
  const entry = join(folder, 'parent.mjs');
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  const contents = `import { startDynoxide } from './local/dynoxide.ts';
    console.log((await startDynoxide({ dbPath: process.argv[2] })).pid());`;
  // Node 20 cannot run TypeScript, so the parent is bundled as `npm start` is.
  await build({
    stdin: { contents, resolveDir: root },
    outfile: entry,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
  const parent = spawn(process.execPath, [entry, join(folder, 'medic.db')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(parent.stdout, 'data');
  const pid = Number(String(line));
  expect(isRunning(pid)).toBe(true);
  parent.kill('SIGKILL');
  await expect.poll(() => isRunning(pid), { timeout: 20_000, interval: 5 }).toBe(false);
});
