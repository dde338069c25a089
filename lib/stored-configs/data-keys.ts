import type { Result } from '../result.ts';

/** A fresh key for one object: `plain` is used once and forgotten, `wrapped` lies beside what it closed. */
export type DataKey = { readonly plain: Uint8Array; readonly wrapped: Uint8Array; readonly keyId: string };

/** Who holds this can close, and open nothing. `context` is bound into the wrapping (KMS: the encryption context). */
export interface DataKeyMaker {
  make(context: string): Promise<DataKey>;
}
/** Who holds this can open. */
export interface DataKeyOpener {
  open(key: Omit<DataKey, 'plain'>, context: string): Promise<Result<Uint8Array, string>>;
}
