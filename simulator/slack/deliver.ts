import { takeFault } from './faults.ts';
import { signV0 } from './signature.ts';
import type { Workspace } from './workspace.ts';

/** What the app made of one request. Slack waits three seconds, then tells the person that the app did not respond. */
export type Delivery =
  | { readonly status: 'acked'; readonly httpStatus: number; readonly body: unknown }
  | { readonly status: 'refused'; readonly httpStatus: number }
  | { readonly status: 'timeout' }
  | { readonly status: 'unreachable' };

export const ACK_LIMIT_MS = 3000;
export const EVENTS_URL = 'eventsUrl';

/** Interactions and commands go out as forms, events as JSON; both signed over the bytes that are sent. */
export async function deliver(
  workspace: Workspace,
  content: { readonly form: Record<string, string> } | { readonly json: unknown },
  ackLimitMs = ACK_LIMIT_MS,
): Promise<Delivery> {
  const url = workspace.settings.get(EVENTS_URL);
  if (url === undefined || url === '') return { status: 'unreachable' };
  const fault = takeFault(workspace.faults, 'interaction');
  const body = 'form' in content ? new URLSearchParams(content.form).toString() : JSON.stringify(content.json);
  const type = 'form' in content ? 'application/x-www-form-urlencoded' : 'application/json';
  const secret = fault?.kind === 'bad_signature' ? 'another secret' : workspace.signingSecret;
  const send = () => post(url, body, type, secret, ackLimitMs);
  if (fault?.kind !== 'duplicate') return send();
  const [first] = await Promise.all([send(), send()]);
  return first;
}

/** The signature's clock is the real one, because the app compares it with its own. */
async function post(url: string, body: string, type: string, secret: string, limitMs: number): Promise<Delivery> {
  const timestampS = Math.floor(Date.now() / 1000);
  const headers = {
    'content-type': type,
    'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
    'x-slack-request-timestamp': String(timestampS),
    'x-slack-signature': signV0(secret, timestampS, body),
  };
  try {
    const signal = AbortSignal.timeout(limitMs);
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    const text = await response.text();
    if (!response.ok) return { status: 'refused', httpStatus: response.status };
    return { status: 'acked', httpStatus: response.status, body: readBody(text) };
  } catch (error) {
    const isTimeout = error instanceof Error && error.name === 'TimeoutError';
    return { status: isTimeout ? 'timeout' : 'unreachable' };
  }
}

/** JSON where it is JSON, else the text. */
function readBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
