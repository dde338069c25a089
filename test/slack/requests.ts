import { createHmac } from 'node:crypto';
import type { FetchFunction } from '@slack/web-api';
import type { SlackRequest } from '../../lib/slack/receiver.ts';

export const SECRET = 'test-signing-secret';
export const NOW = new Date('2026-03-01T03:00:00.000Z');

/** As Slack sends it. `ageS`: how long ago it was signed; negative: in the future. */
export function signed(
  body: string,
  change: { readonly ageS?: number; readonly contentType?: string } = {},
): SlackRequest {
  const timestamp = String(Math.floor(NOW.getTime() / 1000) - (change.ageS ?? 0));
  const signature = createHmac('sha256', SECRET).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    headers: {
      'Content-Type': change.contentType ?? 'application/x-www-form-urlencoded',
      'X-Slack-Request-Timestamp': timestamp,
      'X-Slack-Signature': `v0=${signature}`,
    },
    body,
    isBase64Encoded: false,
  };
}
export const interaction = (payload: unknown): SlackRequest =>
  signed(new URLSearchParams({ payload: JSON.stringify(payload) }).toString());

export type Call = { readonly method: string; readonly args: Readonly<Record<string, string>> };

/** A Web API that answers by method and remembers what it was asked. */
export function stubWebApi(answers: Readonly<Record<string, unknown>> = {}) {
  const calls: Call[] = [];
  const fetch: FetchFunction = async (input, init) => {
    const method = String(input instanceof Request ? input.url : input).split('/api/')[1] ?? '';
    calls.push({ method, args: Object.fromEntries(new URLSearchParams(String(init?.body ?? ''))) });
    const given = answers[method] ?? { ok: true, ts: '1.1', view: { id: 'V1' } };
    const answer = typeof given === 'function' ? given(calls.at(-1)?.args) : given;
    if (answer instanceof Response) return answer.clone();
    if (answer instanceof Error) throw answer;
    return Response.json(answer);
  };
  return { calls, fetch };
}
