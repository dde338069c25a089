import { createHash } from 'node:crypto';
import type { StoredConfigIndex, StoredConfigInfo, StoredConfigs } from '../actions/stored-config.ts';
import { err, ok, type Result } from '../result.ts';
import type { DataKeys, KeyOpener, KeyUse } from '../sealing/data-keys.ts';
import { seal, unseal } from '../sealing/sealed-file.ts';
import { type Backup, backupName, parseBackupName } from './backup-name.ts';
import type { ObjectNames, ObjectShelf, ObjectSink } from './objects.ts';

const PREFIX = 'backup:';
const SOURCE = "Medic's backup";
/** A config is a megabyte at most. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Puts, and nothing else: with what it is made of it can neither read a backup, nor replace or delete one. */
export interface ConfigBackups {
  /** Sealed, stored, durable when it resolves. An error: one sentence why it cannot be kept. */
  put(taken: Omit<Backup, 'sha256'> & { readonly text: string }): Promise<Result<StoredConfigInfo, string>>;
}

/**
 * What is sealed begins with the name under which it is stored, in a line of its own: under another name, that of another
 * machine or time, it is not taken for a backup.
 */
export const configBackups = (sink: ObjectSink, keys: DataKeys): ConfigBackups => ({
  async put({ text, ...taken }) {
    const backup = { ...taken, sha256: createHash('sha256').update(text).digest('hex') };
    const name = backupName(backup);
    if (name === undefined) return err('Cluster, node or machine UUID cannot be part of the name of a backup.');
    const key = await keys.create(useOf(backup));
    if (!key.ok) return key;
    const sealing = seal(key.value, useOf(backup));
    const content = sealing.add(Buffer.from(`${name}\n${text}`));
    await sink.put(name, Buffer.concat([sealing.header, content, sealing.end()]));
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
export const backedUpConfigs = (shelf: ObjectShelf, keys: KeyOpener): StoredConfigs => ({
  ...backupIndex(shelf),
  async read({ id, sha256 }) {
    const name = id.slice(PREFIX.length);
    const backup = parseBackupName(name);
    if (!id.startsWith(PREFIX) || backup?.sha256 !== sha256) return err('There is no such backup.');
    const bytes = await shelf.get(name);
    return bytes === undefined ? err('The backup is not there any more.') : open(bytes, name, backup, keys);
  },
});

async function open(bytes: Uint8Array, name: string, backup: Backup, keys: KeyOpener): Promise<Result<string, string>> {
  if (bytes.length > MAX_BYTES) return err('The backup is larger than a config can be.');
  const parts: Uint8Array[] = [];
  const opened = await unseal(once(bytes), keys, async (part) => void parts.push(Buffer.from(part)));
  if (!opened.ok) return err(`The backup does not open. ${opened.error}`);
  const content = Buffer.concat(parts).toString('utf8');
  const { kind, cluster, node } = opened.value;
  const isItsOwn = kind === 'machine_config' && cluster === backup.cluster && node === backup.node;
  if (!isItsOwn || !content.startsWith(`${name}\n`)) return err('The backup lies under the name of another one.');
  const text = content.slice(name.length + 1);
  const hash = createHash('sha256').update(text).digest('hex');
  return hash === backup.sha256 ? ok(text) : err('The backup is not what its name says (another SHA-256).');
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const useOf = ({ cluster, node }: Pick<Backup, 'cluster' | 'node'>): KeyUse => ({
  kind: 'machine_config',
  cluster,
  node,
});
const infoOf = (name: string, backup: Backup): StoredConfigInfo => ({
  ...backup,
  id: `${PREFIX}${name}`,
  source: SOURCE,
});
