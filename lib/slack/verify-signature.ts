import { createHmac, timingSafeEqual } from 'node:crypto';

/** Slack's clock and ours may differ by this much, in either direction. Source: Slack docs, "Verifying requests". */
const MAX_CLOCK_DIFFERENCE_S = 300;

/**
 * Slack's v0 signature over the bytes as they came: HMAC-SHA256(secret, `v0:<timestamp>:<body>`).
 * `headers` have lower-case names; `nowS` in Unix seconds. A timestamp from the future is as stale as one from the past.
 */
export function isSignedBySlack(
  signingSecret: string,
  headers: Readonly<Record<string, string | undefined>>,
  raw: Uint8Array,
  nowS: number,
): boolean {
  const timestamp = headers['x-slack-request-timestamp'] ?? '';
  const signature = headers['x-slack-signature'] ?? '';
  if (!/^\d{1,12}$/.test(timestamp) || !/^v0=[0-9a-f]{64}$/.test(signature)) return false;
  if (Math.abs(nowS - Number(timestamp)) > MAX_CLOCK_DIFFERENCE_S) return false;
  const wanted = createHmac('sha256', signingSecret).update(`v0:${timestamp}:`).update(raw).digest();
  return timingSafeEqual(wanted, Buffer.from(signature.slice('v0='.length), 'hex'));
}
