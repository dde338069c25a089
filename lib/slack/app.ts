import { App, LogLevel } from '@slack/bolt';
import type { FetchFunction } from '@slack/web-api';
import type { Log } from '../log.ts';
import { silentLog } from '../log.ts';
import type { Desk } from './desk.ts';
import { registerListeners } from './listeners/register.ts';
import { quietLogger } from './quiet-logger.ts';
import { LambdaReceiver, type SlackRequest, type SlackResponse } from './receiver.ts';

/** Within Slack's 3 s for the whole click. */
const CALL_TIMEOUT_MS = 2_500;

export type SlackAppOptions = {
  readonly signingSecret: string;
  /** Read lazily, so that the first request pays for it and not the start. */
  readonly botToken: () => Promise<string>;
  readonly botId: string;
  readonly botUserId: string;
  /** Of another Web API than Slack's own, ending in `/`. */
  readonly apiUrl?: string;
  readonly desk: Desk;
  readonly logger?: Log;
  readonly now?: () => Date;
  readonly fetch?: FetchFunction;
};
export type SlackApp = { readonly handler: (request: SlackRequest) => Promise<SlackResponse> };

/** Everything behind the URL that Slack calls. No call is retried and no state is kept between requests. */
export function createSlackApp(options: SlackAppOptions): SlackApp {
  const { signingSecret, botToken, botId, botUserId, apiUrl, desk, now, fetch } = options;
  const log = options.logger ?? silentLog;
  const receiver = new LambdaReceiver({ signingSecret, log, ...(now ? { now } : {}) });
  const app = new App({
    receiver,
    authorize: async () => ({ botToken: await botToken(), botId, botUserId }),
    convoStore: false,
    logger: quietLogger(log),
    logLevel: LogLevel.WARN,
    clientOptions: {
      ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
      ...(fetch ? { fetch } : {}),
      logger: quietLogger(log),
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout: CALL_TIMEOUT_MS,
    },
  });
  registerListeners(app, desk, log);
  return { handler: receiver.toHandler() };
}
