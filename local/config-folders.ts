import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredConfigs } from '../lib/actions/stored-config.ts';
import { allSources } from '../lib/stored-configs/all-sources.ts';
import { backedUpConfigs, type ConfigBackups, configBackups } from '../lib/stored-configs/config-backups.ts';
import { fileShelf, fileSink } from '../lib/stored-configs/file-objects.ts';
import { folderConfigs, listFolder } from '../lib/stored-configs/folder-configs.ts';
import { ensureKeyFiles, privateKeyFile, publicKeyFile } from '../lib/stored-configs/key-files.ts';
import { worldFolder } from './settings.ts';

/**
 * Where stored configs lie on one machine, below the data folder: `world/configs` (what the simulated cluster's owner
 * keeps) and `config-backups` (Medic's own), whose keys are in `config-backup-key*.pem`.
 */
const backupFolder = (dataFolder: string) => join(dataFolder, 'config-backups');

export const localConfigs = (dataFolder: string): StoredConfigs =>
  allSources({
    folder: folderConfigs(join(worldFolder(dataFolder), 'configs')),
    backup: backedUpConfigs(fileShelf(backupFolder(dataFolder)), privateKeyFile(dataFolder)),
  });

/** Of which nodes there is any version, by cluster and name. */
export async function nodesWithConfigs(
  dataFolder: string,
): Promise<readonly { readonly cluster: string; readonly node: string }[]> {
  const found = new Map<string, { cluster: string; node: string }>();
  const keep = (cluster: string, node: string) => found.set(`${cluster}/${node}`, { cluster, node });
  for (const info of await listFolder(join(worldFolder(dataFolder), 'configs'))) keep(info.cluster, info.node);
  for (const cluster of await foldersIn(backupFolder(dataFolder))) {
    for (const node of await foldersIn(join(backupFolder(dataFolder), cluster))) keep(cluster, node);
  }
  return [...found.entries()].sort(([a], [b]) => a.localeCompare(b)).map(([, node]) => node);
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** The keys are made when the first config is to be kept. */
export function localBackups(dataFolder: string): ConfigBackups {
  const backups = configBackups(fileSink(backupFolder(dataFolder)), publicKeyFile(dataFolder));
  return {
    async put(taken) {
      await ensureKeyFiles(dataFolder);
      return backups.put(taken);
    },
  };
}
