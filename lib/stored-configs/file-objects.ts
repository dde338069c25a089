import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere, writeWholeFile } from '../blobs/whole-file.ts';
import { isObjectName, type ObjectShelf, type ObjectSink } from './objects.ts';

/** Objects as files below a folder, readable by this user only. */
export const fileSink = (folder: string): ObjectSink => ({
  async put(name, content) {
    if (!isObjectName(name)) throw new Error('no name of an object');
    const path = join(folder, name);
    if ((await readIfThere(path)) === undefined) await writeWholeFile(path, content);
  },
});

export const fileShelf = (folder: string): ObjectShelf => ({
  async below(below) {
    if (!isObjectName(below)) return [];
    const files = await filesIn(join(folder, below));
    return files
      .map((file) => `${below}/${file}`)
      .filter(isObjectName)
      .sort();
  },
  async get(name) {
    return isObjectName(name) ? readIfThere(join(folder, name)) : undefined;
  },
});

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
