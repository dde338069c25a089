import { createHash } from 'node:crypto';
import { clusterOf } from '../config/config.ts';
import { type Actor, medic } from '../incidents/actor.ts';
import type { NewClusterEvent } from '../incidents/cluster-event.ts';
import { clusterKind, clusterStream } from '../incidents/cluster-stream.ts';
import type { InventoryEntry } from '../inventory/entry.ts';
import { isJunkUuid } from '../inventory/junk-identity.ts';
import { foreignConfig, readConfigFacts } from '../machine-config/config-facts.ts';
import { describeConfigProblem } from '../machine-config/config-problem.ts';
import { parseMachineConfig } from '../machine-config/parse-config.ts';
import { err, ok, type Result } from '../result.ts';
import type { ConfigBackups } from '../stored-configs/config-backups.ts';
import { describeTalosError } from '../talos/describe-talos-error.ts';
import type { TalosAdmin } from '../talos/orders.ts';
import { type ConfigSeen, configSeenWrite, readConfigSeen } from './config-seen.ts';
import type { Deps } from './deps.ts';
import { targetOf } from './inventory.ts';

/** For the function that holds os:admin: it may read configs, and put backups. */
export type BackingUp = Pick<Deps, 'ledger' | 'items' | 'now' | 'log'> & {
  readonly admin: Pick<TalosAdmin, 'readConfig'>;
  readonly backups: ConfigBackups;
  readonly clusterCaPem: (cluster: string) => string;
};

/** `unchanged`: the same text was kept before. */
type Kept = { readonly kept: 'new' | 'unchanged'; readonly version: string };

const READ_MS = 15_000;
/** What does not change is kept anew then: who puts cannot look whether a rule of the bucket has taken the old one away. */
const KEPT_FOR_MS = 30 * 86_400_000;

export const hasBackups = ({ config }: Pick<Deps, 'config'>, cluster: string): boolean =>
  clusterOf(config, cluster)?.configBackups === 'daily';

/**
 * Reads what the next boot of a node would take, proves whose it is, and keeps it unless it was kept before. Recorded
 * without values: what was kept and why, or why nothing was; the same reason only once. Errors: one sentence.
 */
export async function backupConfig(
  deps: BackingUp,
  entry: InventoryEntry,
  because: string,
  actor: Actor = medic,
): Promise<Result<Kept, string>> {
  const seen = await readConfigSeen(deps, entry.cluster, entry.name);
  const base = { actor, cluster: entry.cluster, node: entry.name };
  const triedAt = deps.now().toISOString();
  const fail = async (problem: string): Promise<Result<Kept, string>> => {
    const event: NewClusterEvent = { ...base, type: 'config_not_stored', data: { because: problem } };
    await record(deps, entry, problem === seen.problem ? [] : [event], { ...seen, triedAt, problem });
    return err(problem);
  };
  const taken = await takeConfig(deps, entry);
  if (!taken.ok) return fail(taken.error);
  const { text, machineUuid } = taken.value;
  const sha256 = createHash('sha256').update(text).digest('hex');
  const now: ConfigSeen = { ...seen, sha256, seenAt: triedAt, triedAt, problem: '' };
  const isKept = seen.sha256 === sha256 && seen.machineUuid === machineUuid && seen.version !== '';
  if (isKept && Date.parse(triedAt) - Date.parse(seen.keptAt) < KEPT_FOR_MS) {
    await record(deps, entry, [], now);
    return ok({ kept: 'unchanged', version: seen.version });
  }
  const put = await deps.backups.put({ cluster: entry.cluster, node: entry.name, machineUuid, takenAt: triedAt, text });
  if (!put.ok) return fail(put.error);
  const { id: version } = put.value;
  const event: NewClusterEvent = { ...base, type: 'config_stored', data: { version, sha256, machineUuid, because } };
  await record(deps, entry, [event], { ...now, version, machineUuid, keptAt: triedAt });
  return ok({ kept: 'new', version });
}

/** The text that may be kept: of this machine, this cluster and this role. */
async function takeConfig(
  deps: BackingUp,
  entry: InventoryEntry,
): Promise<Result<{ readonly text: string; readonly machineUuid: string }, string>> {
  const read = await deps.admin.readConfig(targetOf(entry), { deadlineMs: READ_MS });
  if (!read.ok) return err(`The config could not be read: ${describeTalosError(read.error)}`);
  const { active, onDisk, machineUuid } = read.value;
  if (machineUuid === undefined || isJunkUuid(machineUuid)) {
    return err('The machine has no UUID of its own, so nothing could ever prove whose config this is.');
  }
  const text = onDisk ?? active;
  const parsed = parseMachineConfig(text);
  const facts = parsed.ok ? readConfigFacts(parsed.value) : parsed;
  if (!facts.ok) return err(`The running config: ${describeConfigProblem(facts.error)}.`);
  const foreign = foreignConfig(facts.value, entry.role, deps.clusterCaPem(entry.cluster));
  return foreign === undefined ? ok({ text, machineUuid: machineUuid.toLowerCase() }) : err(foreign);
}

async function record(
  deps: BackingUp,
  { cluster }: InventoryEntry,
  events: readonly NewClusterEvent[],
  seen: ConfigSeen,
): Promise<void> {
  const write = configSeenWrite(cluster, seen);
  if (events.length === 0) {
    await deps.items.write(write);
    return;
  }
  const written = await deps.ledger.change(clusterKind, clusterStream(cluster), () => ({
    events,
    writes: [write],
    result: undefined,
  }));
  if (!written.ok) deps.log('backup_not_recorded', { cluster, node: seen.node, because: written.error.message });
}
