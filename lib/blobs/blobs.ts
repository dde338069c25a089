import { createHash } from 'node:crypto';

/** Evidence and configs, stored by what they are: the key is the SHA-256 of the bytes, lower-case hex. */
export interface Blobs {
  /** Durable when it resolves. Storing the same bytes again changes nothing. */
  put(content: Uint8Array | string): Promise<string>;
  /** Undefined when there is none. Throws when what is stored no longer has this hash. */
  get(hash: string): Promise<Uint8Array | undefined>;
}

export const blobHash = (content: Uint8Array | string): string => createHash('sha256').update(content).digest('hex');
