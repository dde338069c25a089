import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import type { SlackError } from './slack-port.ts';

/** Slack failed after it took the request: the effect may be there. Source: Slack's common method errors. */
const MAYBE_DONE: ReadonlySet<string> = new Set([
  'internal_error',
  'fatal_error',
  'request_timeout',
  'service_unavailable',
]);
/** The connection was never made, so nothing arrived. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** What went wrong, in our words. Everything that may have arrived is `unknown`: look before sending again. */
export function toSlackError(error: unknown): SlackError {
  if (error instanceof WebAPIRateLimitedError) {
    return { code: 'rate_limited', slackCode: 'ratelimited', message: error.message, retryAfterS: error.retryAfter };
  }
  if (error instanceof WebAPIPlatformError) return ofPlatform(error.data.error);
  if (error instanceof WebAPIHTTPError) {
    const code = error.statusCode >= 500 ? 'unknown' : 'refused';
    return { code, slackCode: `http_${error.statusCode}`, message: error.message };
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof WebAPIRequestError) {
    const cause = codeOf(error.original);
    if (NEVER_SENT.has(cause)) return { code: 'unavailable', slackCode: cause.toLowerCase(), message };
    return { code: 'unknown', slackCode: 'no_answer', message };
  }
  const isTooMany = message.includes('rate limit') || message.includes('Retry header');
  return { code: isTooMany ? 'rate_limited' : 'unknown', slackCode: '', message };
}

function ofPlatform(slackCode: string): SlackError {
  if (!/^[a-z0-9_]{1,80}$/.test(slackCode)) {
    return { code: 'unknown', slackCode: '', message: 'the answer was not one of Slack (a proxy, perhaps)' };
  }
  const message = `Slack said ${slackCode}`;
  if (slackCode === 'ratelimited' || slackCode === 'rate_limited') return { code: 'rate_limited', slackCode, message };
  return { code: MAYBE_DONE.has(slackCode) ? 'unknown' : 'refused', slackCode, message };
}

/** The system's error code, which fetch hides as the cause of its own error. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause);
}
