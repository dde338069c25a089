import { createHmac } from 'node:crypto';

/** Slack's v0 signature over the raw body. `timestampS` is epoch seconds. */
export const signV0 = (secret: string, timestampS: number, rawBody: string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestampS}:${rawBody}`).digest('hex')}`;
