import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, link, mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { err, ok, type Result } from '../result.ts';
import { syncFolder } from './file-blobs.ts';
import type { KeptFile, Vault, VaultFile } from './vault.ts';

const NAME = /^[a-z0-9][a-z0-9.-]{0,99}\/[a-z0-9][a-z0-9.-]{0,199}$/i;

/** Files `<folder>/<name>`, readable by this user only. One appears complete or not at all, and never over another. */
export const fileVault = (folder: string): Vault => ({
  async begin(name) {
    if (!NAME.test(name) || name.includes('..')) return err(`"${name}" is no name for a stored file.`);
    const path = join(folder, name);
    const unfinished = `${path}.${randomUUID()}`;
    return attempt(async () => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      return vaultFile(await open(unfinished, 'wx', 0o600), unfinished, path);
    });
  },
});

const vaultFile = (file: FileHandle, unfinished: string, path: string): VaultFile => ({
  write: (bytes) => attempt(() => file.writeFile(bytes)), // from where it is now
  keep: () =>
    attempt(async () => {
      await file.sync();
      await file.close();
      await link(unfinished, path); // fails where there is one
      await rm(unfinished);
      await syncFolder(dirname(path));
      return kept(path);
    }),
  async drop() {
    await file.close().catch(() => {}); // closed already
    await rm(unfinished, { force: true });
  },
});

async function kept(path: string): Promise<KeptFile> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const part of createReadStream(path)) {
    hash.update(part);
    sizeBytes += part.length;
  }
  return { place: path, sizeBytes, sha256: hash.digest('hex') };
}

/** What the disk says no to is an answer. */
async function attempt<T>(work: () => Promise<T>): Promise<Result<T, string>> {
  try {
    return ok(await work());
  } catch (error) {
    return err(`The file could not be stored: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
