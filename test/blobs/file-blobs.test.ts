import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileBlobs } from '../../lib/blobs/file-blobs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medic-blobs-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** `printf abc | sha256sum` */
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

test('evidence comes back under its SHA-256, as text and as bytes', async () => {
  const blobs = fileBlobs(join(folder, 'not', 'there', 'yet'));
  expect(await blobs.put('abc')).toBe(ABC);
  expect(await blobs.put(new TextEncoder().encode('abc'))).toBe(ABC);
  expect(new TextDecoder().decode(await blobs.get(ABC))).toBe('abc');
  expect(await blobs.get(await blobs.put(new Uint8Array()))).toHaveLength(0);
});

test('what is not there is undefined, and a name that is no hash reads no file', async () => {
  await writeFile(join(folder, 'secret'), 'x');
  const blobs = fileBlobs(folder);
  expect(await blobs.get(ABC)).toBeUndefined();
  expect(await blobs.get('../secret')).toBeUndefined();
  expect(await blobs.get('secret')).toBeUndefined();
});

test('the same evidence stored 20 times at once is one file, readable by its owner only', async () => {
  const blobs = fileBlobs(folder);
  await Promise.all(Array.from({ length: 20 }, () => blobs.put('abc')));
  expect(await readdir(join(folder, ABC.slice(0, 2)))).toEqual([ABC]);
  expect((await stat(join(folder, ABC.slice(0, 2), ABC))).mode & 0o077).toBe(0);
});

test('a blob that was changed on disk is refused, with its hash', async () => {
  const blobs = fileBlobs(folder);
  await blobs.put('abc');
  await writeFile(join(folder, ABC.slice(0, 2), ABC), 'abd');
  await expect(blobs.get(ABC)).rejects.toThrow(`the blob ${ABC} was changed on disk`);
});
