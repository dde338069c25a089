import * as z from 'zod';
import { Count, Flag, readArguments } from './arguments.ts';
import type { Raw } from './methods-chat.ts';
import type { Message } from './model.ts';
import { BOT, directChannel, findChannel, findPerson, TEAM, USER_GROUPS, userObject } from './people.ts';
import { fine, type Reply, refuse } from './reply.ts';
import { channelObject, messageObject } from './wire.ts';
import { messageKey, messagesOf, type Workspace } from './workspace.ts';

const Page = {
  channel: z.string(),
  cursor: z.string().optional(),
  latest: z.string().optional(),
  oldest: z.string().optional(),
  inclusive: Flag.optional(),
  limit: Count.max(999).default(100),
  include_all_metadata: Flag.optional(),
};
const History = z.object(Page);
const Replies = z.object({ ...Page, ts: z.string() });
type Page = z.infer<typeof History>;

/** Newest first, without replies and without ephemeral messages. */
export function history(workspace: Workspace, raw: Raw): Reply {
  const args = readArguments(History, raw);
  if (!args.ok) return args.error;
  const channel = findChannel(args.value.channel);
  if (!channel) return refuse('channel_not_found');
  const all = messagesOf(workspace, channel.id).filter(
    (message) => message.ephemeralFor === undefined && message.threadTs === undefined,
  );
  return page(workspace, all.reverse(), args.value);
}

/** The parent, then its replies, oldest first. */
export function replies(workspace: Workspace, raw: Raw): Reply {
  const args = readArguments(Replies, raw);
  if (!args.ok) return args.error;
  const channel = findChannel(args.value.channel);
  if (!channel) return refuse('channel_not_found');
  const { ts } = args.value;
  const parent = workspace.messages.get(messageKey(channel.id, ts));
  if (!parent || parent.ephemeralFor !== undefined) return refuse('thread_not_found');
  const all = messagesOf(workspace, channel.id).filter(
    (message) => message.ephemeralFor === undefined && (message.ts === ts || message.threadTs === ts),
  );
  return page(workspace, all, args.value);
}

function page(workspace: Workspace, all: readonly Message[], args: Page): Reply {
  const { cursor, latest, oldest, inclusive = false, limit } = args;
  const from = cursor === undefined || cursor === '' ? 0 : decodeCursor(cursor);
  if (from === undefined) return refuse('invalid_cursor');
  const isNumber = (ts: string | undefined) => ts === undefined || /^\d+(\.\d+)?$/.test(ts);
  if (!isNumber(latest)) return refuse('invalid_ts_latest');
  if (!isNumber(oldest)) return refuse('invalid_ts_oldest');
  const within = all.filter(({ ts }) => {
    const isAtEdge = Number(ts) === Number(latest) || Number(ts) === Number(oldest);
    if (isAtEdge) return inclusive;
    return (
      (latest === undefined || Number(ts) < Number(latest)) && (oldest === undefined || Number(ts) > Number(oldest))
    );
  });
  const hasMore = within.length > from + limit;
  const withMetadata = args.include_all_metadata ?? false;
  const messages = within.slice(from, from + limit).map((message) => ({
    ...messageObject(message, { withMetadata }),
    ...threadSummary(workspace, message),
  }));
  const next = hasMore ? Buffer.from(`next:${from + limit}`).toString('base64') : '';
  return fine({ messages, has_more: hasMore, response_metadata: { next_cursor: next } });
}

function threadSummary(workspace: Workspace, { channel, ts }: Message): Record<string, unknown> {
  const found = messagesOf(workspace, channel).filter((one) => one.threadTs === ts && one.ephemeralFor === undefined);
  if (found.length === 0) return {};
  return { thread_ts: ts, reply_count: found.length, latest_reply: found.at(-1)?.ts };
}

function decodeCursor(cursor: string): number | undefined {
  const found = /^next:(\d{1,9})$/.exec(Buffer.from(cursor, 'base64').toString('latin1'));
  return found ? Number(found[1]) : undefined;
}

export function info(_workspace: Workspace, raw: Raw): Reply {
  const args = readArguments(z.object({ channel: z.string() }), raw);
  if (!args.ok) return args.error;
  const channel = findChannel(args.value.channel);
  return channel ? fine({ channel: channelObject(channel) }) : refuse('channel_not_found');
}

/** Opens the direct channel to one person. Group conversations are not part of this workspace. */
export function open(_workspace: Workspace, raw: Raw): Reply {
  const args = readArguments(z.object({ users: z.string() }), raw);
  if (!args.ok) return args.error;
  const [userId, ...others] = args.value.users.split(',');
  if (others.length > 0) return refuse('method_not_supported_for_channel_type');
  if (userId === BOT.userId) return refuse('cannot_dm_bot');
  const person = findPerson(userId ?? '');
  if (!person) return refuse('user_not_found');
  if (person.isDeactivated) return refuse('user_disabled');
  return fine({ channel: channelObject(directChannel(person.id)) });
}

export function authTest(): Reply {
  const url = `https://${TEAM.domain}.slack.com/`;
  const bot = { user: BOT.handle, user_id: BOT.userId, bot_id: BOT.botId };
  return fine({ url, team: TEAM.name, team_id: TEAM.id, ...bot, is_enterprise_install: false });
}

export function usersInfo(_workspace: Workspace, raw: Raw): Reply {
  const args = readArguments(z.object({ user: z.string() }), raw);
  if (!args.ok) return args.error;
  const user = userObject(args.value.user);
  return user ? fine({ user }) : refuse('user_not_found');
}

export function userGroupUsers(_workspace: Workspace, raw: Raw): Reply {
  const args = readArguments(z.object({ usergroup: z.string() }), raw);
  if (!args.ok) return args.error;
  const group = USER_GROUPS.find(({ id }) => id === args.value.usergroup);
  return group ? fine({ users: group.users }) : refuse('no_such_subteam');
}
