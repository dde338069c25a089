import { createHash } from 'node:crypto';
import type { StoredConfigIndex, StoredConfigInfo, StoredConfigs } from '../actions/stored-config.ts';
import { err, ok, type Result } from '../result.ts';
import { type Backup, backupName, parseBackupName } from './backup-name.ts';
import type { DataKeyMaker, DataKeyOpener } from './data-keys.ts';
import type { ObjectNames, ObjectShelf, ObjectSink } from './objects.ts';
import { openConfig, sealConfig } from './sealed-config.ts';

const PREFIX = 'backup:';
const SOURCE = "Medic's backup";

/** Puts, and nothing else: with what it is made of it can neither read a backup, nor replace or delete one. */
export interface ConfigBackups {
  /** Closed, stored, durable when it resolves. An error: one sentence why it cannot be kept. */
  put(taken: Omit<Backup, 'sha256'> & { readonly text: string }): Promise<Result<StoredConfigInfo, string>>;
}

export const configBackups = (sink: ObjectSink, keys: DataKeyMaker): ConfigBackups => ({
  async put({ text, ...taken }) {
    const backup = { ...taken, sha256: createHash('sha256').update(text).digest('hex') };
    const name = backupName(backup);
    if (name === undefined) return err('Cluster, node or machine UUID cannot be part of the name of a backup.');
    await sink.put(name, await sealConfig(text, name, keys));
    return ok(infoOf(name, backup));
  },
});

export const backupIndex = (names: ObjectNames): StoredConfigIndex => ({
  async list(cluster, node) {
    const found = await names.below(`${cluster}/${node}`);
    return found
      .flatMap((name) => {
        const backup = parseBackupName(name);
        return backup === undefined ? [] : [infoOf(name, backup)];
      })
      .reverse();
  },
});

/** For the acting function: the names, and with the key also what is in them. */
export const backedUpConfigs = (shelf: ObjectShelf, keys: DataKeyOpener): StoredConfigs => ({
  ...backupIndex(shelf),
  async read({ id, sha256 }) {
    const name = id.slice(PREFIX.length);
    if (!id.startsWith(PREFIX) || parseBackupName(name)?.sha256 !== sha256) return err('There is no such backup.');
    const bytes = await shelf.get(name);
    return bytes === undefined ? err('The backup is not there any more.') : openConfig(bytes, name, sha256, keys);
  },
});

const infoOf = (name: string, backup: Backup): StoredConfigInfo => ({
  ...backup,
  id: `${PREFIX}${name}`,
  source: SOURCE,
});
