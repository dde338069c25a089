import type { Result } from '../result.ts';

/**
 * What a key is for. Bound to the wrapped key and kept readable beside it, so it holds no secret: a wrapped key opens only
 * for the very use that it was made for.
 */
export type KeyUse = {
  readonly kind: 'etcd_snapshot' | 'machine_config';
  readonly cluster: string;
  readonly node: string;
};

/** AES-256, for one file and never for another. `wrapped` is text for whoever stores the file. */
export type DataKey = { readonly plain: Uint8Array; readonly wrapped: string; readonly keyId: string };

/** Who stores makes keys and can open none. On AWS that is kms:GenerateDataKey. */
export interface DataKeys {
  create(use: KeyUse): Promise<Result<DataKey, string>>;
}

/** Who restores. On AWS that is kms:Decrypt. */
export interface KeyOpener {
  open(wrapped: string, use: KeyUse): Promise<Result<Uint8Array, string>>;
}
