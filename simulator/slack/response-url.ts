import * as z from 'zod';
import { Json } from './arguments.ts';
import { addEphemeral, readContent } from './methods-chat.ts';
import type { Message, ResponseUrl } from './model.ts';
import { BOT } from './people.ts';
import { messageKey, type Workspace } from './workspace.ts';

/** Needs no token: whoever holds the URL may answer, five times within thirty minutes. */
const Response = z.object({
  text: z.string().optional(),
  blocks: Json.optional(),
  response_type: z.enum(['ephemeral', 'in_channel']).default('ephemeral'),
  replace_original: z.boolean().default(false),
  delete_original: z.boolean().default(false),
  thread_ts: z.string().optional(),
});
type Place = Pick<ResponseUrl, 'channel' | 'user' | 'messageTs' | 'threadTs'>;

/** HTTP status and Slack's word for what is wrong; 200 with `ok`. */
export type ResponseAnswer = { readonly status: number; readonly body: string };

export function useResponseUrl(workspace: Workspace, secret: string, body: unknown): ResponseAnswer {
  const found = workspace.responseUrls.get(secret);
  if (!found) return { status: 404, body: 'no_such_url' };
  if (found.expiresAtMs < workspace.now()) return { status: 404, body: 'expired_url' };
  if (found.usesLeft <= 0) return { status: 404, body: 'used_url' };
  workspace.responseUrls.set(secret, { ...found, usesLeft: found.usesLeft - 1 });
  const error = respond(workspace, found, body);
  return error === undefined ? { status: 200, body: 'ok' } : { status: 400, body: error };
}

/** Returns Slack's error name when the message cannot be shown. */
export function respond(workspace: Workspace, place: Place, body: unknown): string | undefined {
  const response = Response.safeParse(body);
  if (!response.success) return 'invalid_payload';
  const { delete_original: isDelete, replace_original: isReplace, response_type: type } = response.data;
  const original = workspace.messages.get(messageKey(place.channel, place.messageTs ?? ''));
  if (isDelete) {
    if (original) workspace.messages.delete(messageKey(place.channel, original.ts));
    return original ? undefined : 'message_not_found';
  }
  const content = readContent(workspace, response.data);
  if (!content.ok) return String(content.error['error']);
  if (isReplace) {
    if (!original) return 'message_not_found';
    const { blocks: _blocks, ...kept } = original;
    workspace.messages.set(messageKey(place.channel, original.ts), { ...kept, ...content.value });
    return undefined;
  }
  const threadTs = response.data.thread_ts ?? place.threadTs;
  if (type === 'ephemeral') {
    addEphemeral(workspace, place.channel, place.user, content.value, threadTs);
    return undefined;
  }
  const ts = workspace.nextTs();
  const message: Message = { channel: place.channel, ts, user: BOT.userId, reactions: [], ...content.value };
  workspace.messages.set(messageKey(place.channel, ts), threadTs === undefined ? message : { ...message, threadTs });
  return undefined;
}
