import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredConfigs } from '../lib/actions/stored-config.ts';
import { err } from '../lib/result.ts';
import type { DataKeys, KeyOpener } from '../lib/sealing/data-keys.ts';
import { fileDataKeys } from '../lib/sealing/file-data-keys.ts';
import { allSources } from '../lib/stored-configs/all-sources.ts';
import { backedUpConfigs, type ConfigBackups, configBackups } from '../lib/stored-configs/config-backups.ts';
import { fileShelf, fileSink } from '../lib/stored-configs/file-objects.ts';
import { folderConfigs, listFolder, unprovenIn } from '../lib/stored-configs/folder-configs.ts';
import { worldFolder } from './settings.ts';

/**
 * Where stored configs lie on one machine, below the data folder: `world/configs` (what the simulated cluster's owner
 * keeps) and `config-backups` (Medic's own), sealed under `sealing.key`.
 */
const backupFolder = (dataFolder: string) => join(dataFolder, 'config-backups');

export const localConfigs = (dataFolder: string): StoredConfigs =>
  allSources({
    folder: folderConfigs(join(worldFolder(dataFolder), 'configs')),
    backup: backedUpConfigs(fileShelf(backupFolder(dataFolder)), sealingKeys(dataFolder)),
  });

export const unprovenConfigs = (dataFolder: string): Promise<readonly string[]> =>
  unprovenIn(join(worldFolder(dataFolder), 'configs'));

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

export const localBackups = (dataFolder: string): ConfigBackups =>
  configBackups(fileSink(backupFolder(dataFolder)), sealingKeys(dataFolder));

/** The key file is made when something is to be sealed, and never because somebody reads. */
function sealingKeys(dataFolder: string): DataKeys & KeyOpener {
  const file = join(dataFolder, 'sealing.key');
  return {
    create: async (use) => fileDataKeys(file).create(use),
    async open(wrapped, use) {
      if (!existsSync(file)) return err(`The key ${file} is not there.`);
      return fileDataKeys(file).open(wrapped, use);
    },
  };
}
