import * as z from 'zod';
import type { Result } from '../result.ts';

/** What is known of a stored machine config without reading it. Kept beside it by whoever took the backup. */
export const StoredConfigInfo = z.object({
  cluster: z.string(),
  node: z.string(),
  /** SMBIOS UUID of the machine that it was taken from. */
  machineUuid: z.string(),
  takenAt: z.string(),
  source: z.string(),
  /** SHA-256 of the config's bytes, hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type StoredConfigInfo = z.infer<typeof StoredConfigInfo>;

/** Anyone may know that a config exists; only the function with the admin identity may read one. */
export interface StoredConfigIndex {
  find(cluster: string, node: string): Promise<StoredConfigInfo | undefined>;
}
export interface StoredConfigs extends StoredConfigIndex {
  /** The config with exactly this hash, or one sentence why it cannot be had. */
  read(info: StoredConfigInfo): Promise<Result<string, string>>;
}
