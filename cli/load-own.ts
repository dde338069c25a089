import { resolve } from 'node:path';
import { type Loaded, loadPlaybooks, nothingLoaded } from '../lib/own-playbooks/load.ts';
import { refusal } from '../local/team-config.ts';
import { UsageError } from './usage.ts';

/** The playbooks of `--playbooks FOLDER`; those that are refused are named on stderr. */
export async function loadOwn(folder: string | undefined): Promise<Loaded> {
  if (folder === undefined) return nothingLoaded;
  const loaded = await loadPlaybooks(resolve(folder));
  if (!loaded.ok) throw new UsageError(`--playbooks: ${loaded.error}.`);
  for (const { name, because } of loaded.value.refused) console.error(refusal(name, because));
  return loaded.value;
}
