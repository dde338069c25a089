import type { StoredConfigInfo, StoredConfigs } from '../actions/stored-config.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { InventoryEntry } from '../inventory/entry.ts';
import { configDrift } from '../machine-config/config-drift.ts';
import { parseMachineConfig } from '../machine-config/parse-config.ts';
import { type BackingUp, backupConfig, hasBackups } from './backup-config.ts';
import { readConfigSeen } from './config-seen.ts';
import type { Deps } from './deps.ts';
import { targetOf } from './inventory.ts';

/** What the function with os:admin adds to plans and steps: it alone may read configs. */
export type ConfigKeeper = {
  /** One line: how the stored config differs from the one that runs, or ran last. */
  readonly drift: (entry: InventoryEntry, evidence: Evidence, stored: StoredConfigInfo) => Promise<string>;
  /** Keeps the running config before it is changed. One sentence, '' where there is nothing to keep. */
  readonly keepBefore: (entry: InventoryEntry, evidence: Evidence, planId: string) => Promise<string>;
};

const READ_MS = 15_000;
const isRunning = ({ reach }: Evidence): boolean => reach.mode === 'mtls';

export const configKeeper = (
  deps: BackingUp & Pick<Deps, 'config'> & { readonly configs: StoredConfigs },
): ConfigKeeper => ({
  async drift(entry, evidence, stored) {
    const before = await driftByHash(deps, entry, stored);
    if (!isRunning(evidence)) return before;
    const [running, text] = await Promise.all([
      deps.admin.readConfig(targetOf(entry), { deadlineMs: READ_MS }),
      deps.configs.read(stored),
    ]);
    if (!running.ok || !text.ok) return before;
    const [a, b] = [parseMachineConfig(text.value), parseMachineConfig(running.value.active)];
    return a.ok && b.ok ? configDrift(a.value, b.value) : before;
  },

  async keepBefore(entry, evidence, planId) {
    if (!isRunning(evidence) || !hasBackups(deps, entry.cluster)) return '';
    const kept = await backupConfig(deps, entry, `before plan ${planId}`);
    if (!kept.ok) return `The config was not kept: ${kept.error}`;
    return `Config kept: ${kept.value.version}`;
  },
});

/** Where nobody can read the config now: what its last backup remembers. */
async function driftByHash(
  deps: Pick<Deps, 'items'>,
  entry: InventoryEntry,
  stored: StoredConfigInfo,
): Promise<string> {
  const { sha256, seenAt } = await readConfigSeen(deps, entry.cluster, entry.name);
  if (sha256 === '') return 'Whether it is what ran last is not known: the running config was never read.';
  return sha256 === stored.sha256
    ? `It is what ran on ${seenAt}.`
    : `It is not what ran on ${seenAt}: that config has another SHA-256.`;
}
