import type { Result } from '../result.ts';

/**
 * Where large sealed files are put, piece by piece. Through this port nothing is read, overwritten or deleted. Errors are
 * one sentence, such as a full disk.
 */
export interface Vault {
  /** `name` as `<folder>/<file>`, of letters, digits, dots and dashes; it must be new. */
  begin(name: string): Promise<Result<VaultFile, string>>;
}

export interface VaultFile {
  write(bytes: Uint8Array): Promise<Result<void, string>>;
  /** Durable under its name when it resolves. Size and SHA-256 are of what is stored, not of what was written. */
  keep(): Promise<Result<KeptFile, string>>;
  /** Forgets what was written. */
  drop(): Promise<void>;
}

export type KeptFile = { readonly place: string; readonly sizeBytes: number; readonly sha256: string };
