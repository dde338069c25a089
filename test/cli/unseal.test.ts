import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { unsealCommand } from '../../cli/unseal.ts';
import { UsageError } from '../../cli/usage.ts';
import { fileDataKeys } from '../../lib/sealing/file-data-keys.ts';
import { seal } from '../../lib/sealing/sealed-file.ts';

let folder: string;
const path = (name: string) => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medic-unseal-'));
  const use = { kind: 'etcd_snapshot', cluster: 'test', node: 'cp-1' } as const;
  const key = await fileDataKeys(path('key')).create(use);
  if (!key.ok) throw new Error(key.error);
  const { header, add, end } = seal(key.value, use);
  await writeFile(path('sealed'), Buffer.concat([header, add(Buffer.from('the secrets')), end()]));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});
async function open(file = 'sealed', key = 'key') {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const code = await unsealCommand([path(file), '--to', path('content'), '--key', path(key)]);
  return { code, printed: String(log.mock.lastCall?.[0]) };
}

test('writes the content for its owner alone, and never over another file', async () => {
  expect(await open()).toMatchObject({ code: 0, printed: expect.stringContaining('whole, as it was sealed') });
  expect(await readFile(path('content'), 'utf8')).toBe('the secrets');
  expect((await stat(path('content'))).mode & 0o077).toBe(0);
  await expect(open()).rejects.toThrow('is there already');
  expect((await readdir(folder)).toSorted()).toEqual(['content', 'key', 'sealed']);
});

test('a file that was cut short is bad news, and nothing of it is written', async () => {
  const whole = await readFile(path('sealed'));
  await writeFile(path('cut'), whole.subarray(0, -1));
  expect(await open('cut')).toEqual({ code: 1, printed: 'The file was changed, or its end is missing.' });
  expect(await readdir(folder)).not.toContain('content');
});

test('a key that is not there is not made', async () => {
  await expect(open('sealed', 'other')).rejects.toThrow('There is no key at');
  expect(await readdir(folder)).not.toContain('other');
  await expect(open('nowhere')).rejects.toThrow('There is no file');
  await expect(unsealCommand([path('sealed')])).rejects.toThrow(UsageError);
});
