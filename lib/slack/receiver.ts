import type { App, Receiver } from '@slack/bolt';
import { type Log, silentLog } from '../log.ts';
import { parseBody } from './request-body.ts';
import { isSignedBySlack } from './verify-signature.ts';

/** The part of an API Gateway v2 event that we read; the local HTTP server makes the same. */
export type SlackRequest = {
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
};
export type SlackResponse = {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
};

/**
 * Bolt on Lambda. Unlike Bolt's own receiver it verifies before it parses, over the raw bytes, refuses timestamps from
 * the future, and answers garbage instead of throwing. The response leaves when every listener has settled.
 */
export class LambdaReceiver implements Receiver {
  readonly #signingSecret: string;
  readonly #now: () => Date;
  readonly #log: Log;
  #app: App | undefined;

  constructor(options: { readonly signingSecret: string; readonly now?: () => Date; readonly log?: Log }) {
    if (options.signingSecret === '') throw new Error('an empty signing secret would accept everybody');
    this.#signingSecret = options.signingSecret;
    this.#now = options.now ?? (() => new Date());
    this.#log = options.log ?? silentLog;
  }

  init(app: App): void {
    this.#app = app;
  }
  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  toHandler(): (request: SlackRequest) => Promise<SlackResponse> {
    return async (request) => {
      const headers = lowerCased(request.headers ?? {});
      const raw = Buffer.from(request.body ?? '', request.isBase64Encoded ? 'base64' : 'utf8');
      if (!isSignedBySlack(this.#signingSecret, headers, raw, this.#now().getTime() / 1000)) {
        this.#log('slack_request_refused', { because: 'signature' });
        return { statusCode: 401, body: '' };
      }
      const body = parseBody(headers['content-type'] ?? '', raw);
      if (body === undefined) return { statusCode: 400, body: '' };
      if (body['ssl_check'] !== undefined) return { statusCode: 200, body: '' };
      if (body['type'] === 'url_verification') return text(String(body['challenge']));
      return this.#process(body, headers);
    };
  }

  async #process(body: Record<string, unknown>, headers: Record<string, string | undefined>): Promise<SlackResponse> {
    if (this.#app === undefined) throw new Error('the receiver was used before Bolt initialised it');
    const retryNum = Number(headers['x-slack-retry-num']);
    const retryReason = headers['x-slack-retry-reason'];
    let acked: { readonly answer: unknown } | undefined;
    try {
      await this.#app.processEvent({
        body,
        ...(retryNum > 0 ? { retryNum } : {}),
        ...(retryReason === undefined ? {} : { retryReason }),
        ack: async (answer: unknown) => {
          acked ??= { answer };
        },
      });
    } catch (cause) {
      this.#log('slack_listener_failed', { because: String(cause) });
      if (acked === undefined) return { statusCode: 500, body: '' };
    }
    return answered(acked);
  }
}

function answered(acked: { readonly answer: unknown } | undefined): SlackResponse {
  if (acked === undefined) return { statusCode: 404, body: '' };
  const { answer } = acked;
  if (answer === undefined || answer === '') return { statusCode: 200, body: '' };
  if (typeof answer === 'string') return text(answer);
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) };
}

const text = (body: string): SlackResponse => ({ statusCode: 200, headers: { 'content-type': 'text/plain' }, body });

const lowerCased = (headers: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
