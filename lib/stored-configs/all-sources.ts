import type { StoredConfigInfo, StoredConfigs } from '../actions/stored-config.ts';
import { err } from '../result.ts';

/** Several sources as one: their versions by time, each read from where it was listed. */
export const allSources = (sources: Readonly<Record<string, StoredConfigs>>): StoredConfigs => ({
  async list(cluster, node) {
    const lists = await Promise.all(Object.values(sources).map((source) => source.list(cluster, node)));
    return lists.flat().sort((a: StoredConfigInfo, b) => b.takenAt.localeCompare(a.takenAt));
  },
  async read(version) {
    const source = sources[version.id.slice(0, version.id.indexOf(':'))];
    return source === undefined ? err(`Nothing is known of a stored config "${version.id}".`) : source.read(version);
  },
});
