import { deflateRawSync, inflateRawSync } from 'node:zlib';

/**
 * The state in a head, packed: a head is written whole with every event, and a transaction costs two write units for
 * each KB begun. JSON of an incident packs to about a quarter.
 */
export const packBody = (body: string): string => deflateRawSync(body).toString('base64');

export const unpackBody = (packed: string): string => inflateRawSync(Buffer.from(packed, 'base64')).toString('utf8');
