import type { InventoryEntry } from '../inventory/entry.ts';
import { type ConfigFacts, foreignConfig, readConfigFacts } from '../machine-config/config-facts.ts';
import { describeConfigProblem } from '../machine-config/config-problem.ts';
import { parseMachineConfig } from '../machine-config/parse-config.ts';
import { err, ok, type Result } from '../result.ts';
import type { StoredConfigInfo, StoredConfigs } from './stored-config.ts';

/** The stored config, once it is proven to be one of this cluster and role. The error is one sentence. */
export async function readStoredConfig(
  configs: StoredConfigs,
  stored: StoredConfigInfo | undefined,
  entry: InventoryEntry,
  clusterCaPem: string,
): Promise<Result<{ readonly text: string; readonly facts: ConfigFacts }, string>> {
  if (stored === undefined) return err('No stored config of this node is known.');
  const config = await configs.read(stored);
  if (!config.ok) return config;
  const parsed = parseMachineConfig(config.value);
  const facts = parsed.ok ? readConfigFacts(parsed.value) : parsed;
  if (!facts.ok) return err(`The stored config: ${describeConfigProblem(facts.error)}.`);
  const foreign = foreignConfig(facts.value, entry.role, clusterCaPem);
  return foreign === undefined ? ok({ text: config.value, facts: facts.value }) : err(foreign);
}
