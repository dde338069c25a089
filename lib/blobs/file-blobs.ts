import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Blobs, blobHash } from './blobs.ts';

const HASH = /^[0-9a-f]{64}$/;

/**
 * Blobs as files `<folder>/<first 2 hex>/<hash>`, readable by this user only. A file appears complete or not at all:
 * it is written beside its place, synced, then renamed.
 */
export function fileBlobs(folder: string): Blobs {
  const pathOf = (hash: string) => join(folder, hash.slice(0, 2), hash);
  return {
    async put(content) {
      const hash = blobHash(content);
      const path = pathOf(hash);
      if ((await readIfThere(path)) !== undefined) return hash;
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const unfinished = `${path}.${randomUUID()}`;
      try {
        await writeSynced(unfinished, content);
        await rename(unfinished, path);
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
      await syncFolder(dirname(path));
      return hash;
    },

    async get(hash) {
      if (!HASH.test(hash)) return undefined; // never a path of the caller's making
      const content = await readIfThere(pathOf(hash));
      if (content !== undefined && blobHash(content) !== hash) {
        throw new Error(`the blob ${hash} was changed on disk: its content has the hash ${blobHash(content)}`);
      }
      return content;
    },
  };
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeSynced(path: string, content: Uint8Array | string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The rename itself survives a power cut only when the folder is synced too. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
