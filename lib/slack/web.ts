import { type FetchFunction, WebClient } from '@slack/web-api';
import * as z from 'zod';
import { type Log, silentLog } from '../log.ts';
import { err, ok, type Result } from '../result.ts';
import { quietLogger } from './quiet-logger.ts';
import { toSlackError } from './slack-error.ts';
import type { Card, CardMetadata, SlackError, SlackPort, ThreadMetadata } from './slack-port.ts';
import { renderThread } from './views/thread.ts';

const CALL_TIMEOUT_MS = 8_000;
const CARD_EVENT = 'medic_card';
const MILESTONE_EVENT = 'medic_milestone';
const HISTORY_PAGE = 200;
/** Pages of history that are searched for a card: a card is younger than this many messages, or it is not there. */
const HISTORY_PAGES = 5;

export type SlackPortOptions = {
  readonly token: string;
  /** Of another Web API than Slack's own, ending in `/`. */
  readonly apiUrl?: string;
  readonly fetch?: FetchFunction;
  readonly log?: Log;
};

/** The Web API as `notify` and the approvals need it. Never throws, retries nothing. */
export function createSlackPort(options: SlackPortOptions): SlackPort {
  const { token, apiUrl, fetch, log = silentLog } = options;
  const slack = new WebClient(token, {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    ...(fetch ? { fetch } : {}),
    logger: quietLogger(log),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: CALL_TIMEOUT_MS,
  });
  return {
    postCard: (channel, card, metadata) =>
      calling(Posted, () =>
        slack.chat.postMessage({ channel, ...contentOf(card, metadata), unfurl_links: false, unfurl_media: false }),
      ),
    updateCard: (channel, ts, card, metadata) =>
      calling(Nothing, () => slack.chat.update({ channel, ts, ...contentOf(card, metadata) })),
    findCard: (channel, metadata, sinceS) => findCard(slack, channel, metadata, sinceS),
    postThread: (channel, ts, text, metadata, mentions) =>
      postThread(slack, channel, ts, renderThread(text, mentions), metadata),
    postEphemeral: (channel, user, text) => calling(Nothing, () => slack.chat.postEphemeral({ channel, user, text })),
    updateView: (externalId, view) => calling(Nothing, () => slack.views.update({ external_id: externalId, view })),
    user: (userId) => calling(UserInfo, () => slack.users.info({ user: userId })),
  };
}

const contentOf = ({ text, blocks }: Card, { incidentId }: CardMetadata) => ({
  text,
  blocks: [...blocks],
  metadata: { event_type: CARD_EVENT, event_payload: { incidentId } },
});

const Nothing = z.unknown().transform(() => undefined);
const Posted = z.object({ ts: z.string() });
const UserInfo = z
  .object({
    user: z.object({
      id: z.string(),
      team_id: z.string().optional(),
      name: z.string().optional(),
      real_name: z.string().optional(),
      deleted: z.boolean().optional(),
      is_bot: z.boolean().optional(),
      is_restricted: z.boolean().optional(),
      is_ultra_restricted: z.boolean().optional(),
      profile: z.object({ display_name: z.string().optional(), real_name: z.string().optional() }).optional(),
    }),
  })
  .transform(({ user }) => ({
    id: user.id,
    name: user.profile?.display_name || user.profile?.real_name || user.real_name || user.name || user.id,
    teamId: user.team_id ?? '',
    isBot: user.is_bot ?? false,
    isGuest: (user.is_restricted ?? false) || (user.is_ultra_restricted ?? false),
    isDeactivated: user.deleted ?? false,
  }));
const Messages = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      metadata: z
        .object({ event_type: z.string().optional(), event_payload: z.record(z.string(), z.unknown()).optional() })
        .nullish(),
    }),
  ),
  response_metadata: z.object({ next_cursor: z.string().optional() }).nullish(),
});
type Message = z.infer<typeof Messages>['messages'][number];

const findCard = (
  slack: WebClient,
  channel: string,
  { incidentId }: CardMetadata,
  sinceS: number,
): Promise<Result<string | undefined, SlackError>> =>
  findMessage(
    (page) => slack.conversations.history({ channel, oldest: String(sinceS), include_all_metadata: true, ...page }),
    ({ metadata }) => metadata?.event_type === CARD_EVENT && metadata.event_payload?.['incidentId'] === incidentId,
  );

/** Looks before it posts, so that a milestone whose answer was lost is not told twice. */
async function postThread(
  slack: WebClient,
  channel: string,
  ts: string,
  text: string,
  { incidentId, seq }: ThreadMetadata,
): Promise<Result<{ readonly ts: string }, SlackError>> {
  const found = await findMessage(
    (page) => slack.conversations.replies({ channel, ts, include_all_metadata: true, ...page }),
    ({ metadata }) =>
      metadata?.event_type === MILESTONE_EVENT &&
      metadata.event_payload?.['incidentId'] === incidentId &&
      metadata.event_payload['seq'] === seq,
  );
  if (!found.ok) return found;
  if (found.value !== undefined) return ok({ ts: found.value });
  const metadata = { event_type: MILESTONE_EVENT, event_payload: { incidentId, seq } };
  return calling(Posted, () =>
    slack.chat.postMessage({
      channel,
      thread_ts: ts,
      text,
      metadata,
      unfurl_links: false,
      unfurl_media: false,
    }),
  );
}

type Page = { readonly limit: number; readonly cursor?: string };

async function findMessage(
  read: (page: Page) => Promise<unknown>,
  isIt: (message: Message) => boolean,
): Promise<Result<string | undefined, SlackError>> {
  let cursor = '';
  for (let page = 0; page < HISTORY_PAGES; page += 1) {
    const messages = await calling(Messages, () => read({ limit: HISTORY_PAGE, ...(cursor === '' ? {} : { cursor }) }));
    if (!messages.ok) return messages;
    const found = messages.value.messages.find(isIt);
    if (found) return ok(found.ts);
    cursor = messages.value.response_metadata?.next_cursor ?? '';
    if (cursor === '') return ok(undefined);
  }
  return ok(undefined);
}

/** One call, its answer parsed. An answer in a shape that we do not know may hide an effect: `unknown`. */
async function calling<T>(schema: z.ZodType<T>, call: () => Promise<unknown>): Promise<Result<T, SlackError>> {
  try {
    const parsed = schema.safeParse(await call());
    if (parsed.success) return ok(parsed.data);
    const message = parsed.error.issues.map(({ path, message: says }) => `${path.join('.')}: ${says}`).join('; ');
    return err({ code: 'unknown', slackCode: 'malformed_reply', message });
  } catch (error) {
    return err(toSlackError(error));
  }
}
