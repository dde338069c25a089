import { join } from 'node:path';
import { type Blobs, blobHash } from './blobs.ts';
import { readIfThere, writeWholeFile } from './whole-file.ts';

const HASH = /^[0-9a-f]{64}$/;

/** Blobs as files `<folder>/<first 2 hex>/<hash>`, readable by this user only. */
export function fileBlobs(folder: string): Blobs {
  const pathOf = (hash: string) => join(folder, hash.slice(0, 2), hash);
  return {
    async put(content) {
      const hash = blobHash(content);
      const path = pathOf(hash);
      if ((await readIfThere(path)) === undefined) await writeWholeFile(path, content);
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
