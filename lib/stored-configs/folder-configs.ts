import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { StoredConfigInfo, type StoredConfigs } from '../actions/stored-config.ts';
import { readIfThere } from '../blobs/whole-file.ts';
import { err, ok } from '../result.ts';

const PREFIX = 'folder:';
/** `w-1`, or an older version of it: `w-1@before-upgrade`. */
const VERSION = /^([a-z0-9][a-z0-9.-]{0,62})(?:@[A-Za-z0-9][A-Za-z0-9._-]{0,62})?$/;
/** What the file beside the config says. `id` is its name. */
const Sidecar = StoredConfigInfo.omit({ id: true });

/**
 * Machine configs that somebody else puts into a folder: `<node>.yaml` or `<node>@<label>.yaml`, and beside it the same
 * name with `.json`, which says of which machine it is. A config without one proves nothing, and is not listed.
 */
export const folderConfigs = (folder: string): StoredConfigs => ({
  async list(cluster, node) {
    const all = await listFolder(folder);
    return all.filter((info) => info.cluster === cluster && info.node === node);
  },
  async read({ id, sha256 }) {
    const version = id.slice(PREFIX.length);
    if (!id.startsWith(PREFIX) || !VERSION.test(version)) return err('There is no such stored config.');
    const bytes = await readIfThere(join(folder, `${version}.yaml`));
    if (bytes === undefined) return err('The stored config is not there any more.');
    const hash = createHash('sha256').update(bytes).digest('hex');
    if (hash !== sha256) return err('The stored config is not what its index says (another SHA-256).');
    return ok(Buffer.from(bytes).toString('utf8'));
  },
});

/** Every version of every node, newest first. */
export async function listFolder(folder: string): Promise<readonly StoredConfigInfo[]> {
  const files = await readdir(folder).catch(() => []);
  const versions = files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length));
  const infos = await Promise.all(versions.map((version) => readSidecar(folder, version)));
  return infos.filter((info) => info !== undefined).sort((a, b) => b.takenAt.localeCompare(a.takenAt));
}

/** undefined: it is not readable, or says another name than its own, and is therefore no proof. */
async function readSidecar(folder: string, version: string): Promise<StoredConfigInfo | undefined> {
  const node = VERSION.exec(version)?.[1];
  if (node === undefined) return undefined;
  const bytes = await readIfThere(join(folder, `${version}.json`));
  try {
    const info = Sidecar.safeParse(JSON.parse(Buffer.from(bytes ?? '').toString('utf8')));
    return info.success && info.data.node === node ? { ...info.data, id: `${PREFIX}${version}` } : undefined;
  } catch {
    return undefined;
  }
}
