import * as z from 'zod';
import type { Write } from '../store/ledger-types.ts';
import type { Deps } from './deps.ts';
import { configSeenKey } from './keys.ts';

/** What is remembered of a node's machine config between two looks at it; '' where there was none yet. */
const ConfigSeen = z.object({
  node: z.string(),
  /** Of the config that was in effect when it was read last. */
  sha256: z.string(),
  seenAt: z.string(),
  /** The version that was kept last, of which machine, and when. */
  version: z.string(),
  machineUuid: z.string(),
  keptAt: z.string(),
  triedAt: z.string(),
  /** Why the last try kept nothing. */
  problem: z.string(),
});
export type ConfigSeen = Readonly<z.infer<typeof ConfigSeen>>;

export const neverSeen = (node: string): ConfigSeen => ({
  node,
  sha256: '',
  seenAt: '',
  version: '',
  machineUuid: '',
  keptAt: '',
  triedAt: '',
  problem: '',
});

export async function readConfigsSeen(
  deps: Pick<Deps, 'items'>,
  cluster: string,
): Promise<ReadonlyMap<string, ConfigSeen>> {
  const items = await deps.items.query(configSeenKey(cluster, '').pk);
  return new Map(items.map(({ sk, attributes }) => [sk, ConfigSeen.parse(attributes)]));
}

export async function readConfigSeen(deps: Pick<Deps, 'items'>, cluster: string, node: string): Promise<ConfigSeen> {
  const item = await deps.items.get(configSeenKey(cluster, node));
  return item === undefined ? neverSeen(node) : ConfigSeen.parse(item.attributes);
}

export const configSeenWrite = (cluster: string, seen: ConfigSeen): Write => ({
  do: 'put',
  key: configSeenKey(cluster, seen.node),
  attributes: seen,
});
