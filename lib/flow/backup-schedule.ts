import { clusterStream } from '../incidents/cluster-stream.ts';
import type { InventoryEntry } from '../inventory/entry.ts';
import { type BackingUp, backupConfig, hasBackups } from './backup-config.ts';
import { type ConfigSeen, readConfigSeen, readConfigsSeen } from './config-seen.ts';
import type { Deps } from './deps.ts';
import { type Dispatching, dedupeKey } from './dispatch.ts';
import { readInventory } from './inventory.ts';

const DAY_MS = 86_400_000;
/** After a try that kept nothing: the node may be down for hours. */
const RETRY_MS = 3_600_000;

const dueAtMs = ({ triedAt, problem }: Pick<ConfigSeen, 'triedAt' | 'problem'>): number =>
  triedAt === '' ? 0 : Date.parse(triedAt) + (problem === '' ? DAY_MS : RETRY_MS);

/** The node whose backup is due the longest. One at a time paces a cluster: reading configs is never urgent. */
export function nextBackup(
  entries: readonly Pick<InventoryEntry, 'name'>[],
  seen: ReadonlyMap<string, Pick<ConfigSeen, 'triedAt' | 'problem'>>,
  nowMs: number,
): string | undefined {
  return entries
    .map(({ name }) => ({ name, dueMs: dueAtMs(seen.get(name) ?? { triedAt: '', problem: '' }) }))
    .filter(({ dueMs }) => dueMs <= nowMs)
    .sort((a, b) => a.dueMs - b.dueMs || a.name.localeCompare(b.name))[0]?.name;
}

/** Part of every sweep: at most one node per cluster that has backups. */
export async function queueBackups(deps: Dispatching & Pick<Deps, 'config'>): Promise<void> {
  for (const { name: cluster } of deps.config.clusters.filter(({ name }) => hasBackups(deps, name))) {
    const [entries, seen] = await Promise.all([readInventory(deps, cluster), readConfigsSeen(deps, cluster)]);
    const node = nextBackup(entries, seen, deps.now().getTime());
    if (node === undefined) continue;
    const message = { function: 'backup', subject: clusterStream(cluster), step: `backup:${node}` };
    await deps.queue.send(message, { dedupe: dedupeKey(message) });
  }
}

/** What the message asks for, if it is still due: a late or doubled one is harmless. */
export async function backupIfDue(deps: BackingUp & Pick<Deps, 'config'>, stream: string, node: string): Promise<void> {
  const cluster = stream.slice(clusterStream('').length);
  if (!hasBackups(deps, cluster)) return;
  const entry = (await readInventory(deps, cluster)).find(({ name }) => name === node);
  const seen = await readConfigSeen(deps, cluster, node);
  if (entry === undefined || dueAtMs(seen) > deps.now().getTime()) return;
  const kept = await backupConfig(deps, entry, 'once a day');
  if (!kept.ok) deps.log('config_not_stored', { cluster, node, because: kept.error });
}
