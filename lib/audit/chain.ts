import { createHash } from 'node:crypto';

const sha256Hex = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** What the first event of a stream is chained to: SHA-256 of the stream's key, lower-case hex. */
export const genesisHash = (stream: string): string => sha256Hex(stream);

/** SHA-256 of the previous event's hash (as 64 hex characters) followed by the canonical body. */
export const chainHash = (previousHash: string, body: string): string => sha256Hex(previousHash + body);
