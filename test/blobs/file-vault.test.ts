import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileVault } from '../../lib/blobs/file-vault.ts';
import type { VaultFile } from '../../lib/blobs/vault.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medic-vault-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function begun(name = 'test/one.sealed'): Promise<VaultFile> {
  const file = await fileVault(join(folder, 'vault')).begin(name);
  if (!file.ok) throw new Error(file.error);
  return file.value;
}
const stored = (name = 'test/one.sealed') => join(folder, 'vault', name);

test('a file is there once it is kept, whole, for its owner alone, with the size and hash of what is stored', async () => {
  const file = await begun();
  for (const part of ['a', 'b', 'c']) expect((await file.write(Buffer.from(part))).ok).toBe(true);
  expect(await readdir(join(folder, 'vault', 'test'))).not.toContain('one.sealed');
  expect(await file.keep()).toEqual({
    ok: true,
    value: {
      place: stored(),
      sizeBytes: 3,
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', // printf abc | sha256sum
    },
  });
  expect(await readFile(stored(), 'utf8')).toBe('abc');
  expect((await stat(stored())).mode & 0o077).toBe(0);
  expect(await readdir(join(folder, 'vault', 'test'))).toEqual(['one.sealed']);
});

test('one that is dropped leaves nothing behind', async () => {
  const file = await begun();
  await file.write(Buffer.from('abc'));
  await file.drop();
  expect(await readdir(join(folder, 'vault', 'test'))).toEqual([]);
});

test('nothing is ever written over another file', async () => {
  await (await begun()).keep();
  const second = await begun();
  await second.write(Buffer.from('other'));
  expect(await second.keep()).toMatchObject({ ok: false, error: expect.stringContaining('EEXIST') });
  await second.drop();
  expect(await readFile(stored(), 'utf8')).toBe('');
});

test.for(['../out', 'test/../../out', 'test/..', 'one', '/etc/passwd', 'test/a/b', 'test/'])(
  '%s is no name',
  async (name) => {
    expect(await fileVault(folder).begin(name)).toMatchObject({ ok: false });
    expect(await readdir(folder)).toEqual([]);
  },
);
