import * as z from 'zod';
import type { Result } from '../result.ts';

/** One version of a node's machine config, without its text. Kept beside it by whoever took it. */
export const StoredConfigInfo = z.object({
  /** Names this version among all sources; what a plan freezes. */
  id: z.string(),
  cluster: z.string(),
  node: z.string(),
  /** SMBIOS UUID of the machine that it was taken from. */
  machineUuid: z.string(),
  takenAt: z.iso.datetime(),
  source: z.string(),
  /** SHA-256 of the config's bytes, hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type StoredConfigInfo = z.infer<typeof StoredConfigInfo>;

/** Anyone may know that a config exists; only the function with the admin identity may read one. */
export interface StoredConfigIndex {
  /** Newest first. */
  list(cluster: string, node: string): Promise<readonly StoredConfigInfo[]>;
}
export interface StoredConfigs extends StoredConfigIndex {
  /** The version with this id and exactly this hash, or one sentence why it cannot be had. */
  read(version: Pick<StoredConfigInfo, 'id' | 'sha256'>): Promise<Result<string, string>>;
}

/**
 * The newest version that was taken from this machine. Where none was, the newest of all: the gate says then whose it is.
 * A replaced machine leaves versions under the same name.
 */
export function newestOf(
  versions: readonly StoredConfigInfo[],
  machineUuid: string | undefined,
): StoredConfigInfo | undefined {
  const own = versions.find((version) => version.machineUuid.toLowerCase() === machineUuid?.toLowerCase());
  return own ?? versions[0];
}
