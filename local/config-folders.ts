import { join } from 'node:path';
import type { StoredConfigs } from '../lib/actions/stored-config.ts';
import { allSources } from '../lib/stored-configs/all-sources.ts';
import { backedUpConfigs, type ConfigBackups, configBackups } from '../lib/stored-configs/config-backups.ts';
import { fileShelf, fileSink } from '../lib/stored-configs/file-objects.ts';
import { folderConfigs } from '../lib/stored-configs/folder-configs.ts';
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
