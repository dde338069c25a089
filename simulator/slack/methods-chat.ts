import * as z from 'zod';
import type { Result } from '../../lib/result.ts';
import { err, ok } from '../../lib/result.ts';
import { Json, readArguments } from './arguments.ts';
import { Block } from './block-schema.ts';
import { checkBlocks, UPDATE_TEXT_MAX_CHARACTERS } from './check-blocks.ts';
import { Message } from './model.ts';
import { BOT, findChannel, findPerson } from './people.ts';
import { fine, type Reply, refuse, refuseProblems } from './reply.ts';
import { messageObject } from './wire.ts';
import { messageKey, type Workspace } from './workspace.ts';

const TEXT_CUT_AT_CHARACTERS = 40_000;
/** Slack states no number; ids only belong there anyway. */
const METADATA_MAX_CHARACTERS = 8000;

const Content = { text: z.string().optional(), blocks: Json.optional(), metadata: Json.optional() };
const Post = z.object({ channel: z.string(), thread_ts: z.string().optional(), ...Content });
const Ephemeral = z.object({ ...Post.shape, user: z.string() });
const Update = z.object({ channel: z.string(), ts: z.string(), ...Content });
const Delete = z.object({ channel: z.string(), ts: z.string() });
const React = z.object({ channel: z.string(), timestamp: z.string(), name: z.string().min(1) });

export type Raw = Record<string, unknown>;
export type Content = Pick<Message, 'text' | 'blocks' | 'metadata'>;

/** Text and blocks as they will be stored, every block with an id, or Slack's refusal. */
export function readContent(
  workspace: Workspace,
  given: { readonly text?: string | undefined; readonly blocks?: unknown; readonly metadata?: unknown },
): Result<Content, Reply> {
  if (typeof given.blocks === 'string' && given.blocks !== '') return err(refuse('invalid_blocks_format'));
  const hasBlocks = Array.isArray(given.blocks) && given.blocks.length > 0;
  const problems = given.blocks === undefined || given.blocks === '' ? [] : checkBlocks(given.blocks);
  const refused = refuseProblems(problems);
  if (refused) return err(refused);
  const text = (given.text ?? '').slice(0, TEXT_CUT_AT_CHARACTERS);
  if (text === '' && !hasBlocks) return err(refuse('no_text'));
  const blocks = hasBlocks ? withIds(workspace, z.array(Block).parse(given.blocks)) : undefined;
  const metadata = Message.shape.metadata.safeParse(given.metadata);
  const isNoMetadata = given.metadata === undefined || JSON.stringify(given.metadata) === '{}';
  if (isNoMetadata) return ok({ text, ...(blocks && { blocks }) });
  if (!metadata.success) return err(refuse('invalid_metadata_format'));
  if (JSON.stringify(metadata.data).length > METADATA_MAX_CHARACTERS) return err(refuse('metadata_too_large'));
  return ok({ text, ...(blocks && { blocks }), ...(metadata.data && { metadata: metadata.data }) });
}

/** Slack names every block and element that came without a name. */
export function withIds(workspace: Workspace, blocks: readonly Block[]): Block[] {
  const named = <T extends { action_id?: string | undefined }>(element: T): T => ({
    ...element,
    action_id: element.action_id ?? workspace.nextId('x'),
  });
  return blocks.map((block): Block => {
    const withId = { ...block, block_id: block.block_id ?? workspace.nextId('b') };
    if (withId.type === 'actions') return { ...withId, elements: withId.elements.map(named) };
    if (withId.type === 'input') return { ...withId, element: named(withId.element) };
    if (withId.type === 'section' && withId.accessory && withId.accessory.type !== 'image') {
      return { ...withId, accessory: named(withId.accessory) };
    }
    return withId;
  });
}

export function postMessage(workspace: Workspace, raw: Raw): Reply {
  const args = readArguments(Post, raw);
  if (!args.ok) return args.error;
  const channel = findChannel(args.value.channel);
  if (!channel) return refuse('channel_not_found');
  const content = readContent(workspace, args.value);
  if (!content.ok) return content.error;
  const thread = threadOf(workspace, channel.id, args.value.thread_ts);
  if (!thread.ok) return thread.error;
  const message: Message = {
    channel: channel.id,
    ts: workspace.nextTs(),
    user: BOT.userId,
    reactions: [],
    ...content.value,
    ...thread.value,
  };
  workspace.messages.set(messageKey(channel.id, message.ts), message);
  return fine({ channel: channel.id, ts: message.ts, message: messageObject(message, { withMetadata: true }) });
}

export function postEphemeral(workspace: Workspace, raw: Raw): Reply {
  const args = readArguments(Ephemeral, raw);
  if (!args.ok) return args.error;
  const channel = findChannel(args.value.channel);
  if (!channel) return refuse('channel_not_found');
  const person = findPerson(args.value.user);
  if (!person || person.isDeactivated) return refuse('user_not_in_channel');
  const content = readContent(workspace, args.value);
  if (!content.ok) return content.error;
  const thread = threadOf(workspace, channel.id, args.value.thread_ts);
  if (!thread.ok) return thread.error;
  const ts = addEphemeral(workspace, channel.id, person.id, content.value, thread.value.threadTs);
  return fine({ message_ts: ts });
}

export function addEphemeral(workspace: Workspace, channel: string, user: string, content: Content, threadTs?: string) {
  const ts = workspace.nextTs();
  workspace.messages.set(messageKey(channel, ts), {
    channel,
    ts,
    user: BOT.userId,
    ephemeralFor: user,
    reactions: [],
    text: content.text,
    ...(content.blocks && { blocks: content.blocks }),
    ...(threadTs !== undefined && { threadTs }),
  });
  return ts;
}

/** Text without blocks removes the blocks; metadata stays unless it is given, and `{}` removes it. */
export function update(workspace: Workspace, raw: Raw): Reply {
  const args = readArguments(Update, raw);
  if (!args.ok) return args.error;
  const found = own(workspace, args.value, 'cant_update_message');
  if (!found.ok) return found.error;
  if ((args.value.text ?? '').length > UPDATE_TEXT_MAX_CHARACTERS) return refuse('msg_too_long');
  const content = readContent(workspace, args.value);
  if (!content.ok) return content.error;
  const isRich = (blocks: Content['blocks']) => blocks?.some((block) => block.type === 'rich_text') ?? false;
  if (isRich(found.value.blocks) && !isRich(content.value.blocks)) return refuse('block_mismatch');
  const { blocks: _blocks, metadata, ...rest } = found.value;
  const keptMetadata = args.value.metadata === undefined && metadata ? { metadata } : {};
  const editedTs = content.value.blocks ? {} : { editedTs: workspace.nextTs() };
  const message: Message = { ...rest, ...keptMetadata, ...content.value, ...editedTs };
  workspace.messages.set(messageKey(message.channel, message.ts), message);
  const shown = messageObject(message, { withMetadata: true });
  return fine({ channel: message.channel, ts: message.ts, text: message.text, message: shown });
}

export function remove(workspace: Workspace, raw: Raw): Reply {
  const args = readArguments(Delete, raw);
  if (!args.ok) return args.error;
  const found = own(workspace, args.value, 'cant_delete_message');
  if (!found.ok) return found.error;
  workspace.messages.delete(messageKey(found.value.channel, found.value.ts));
  return fine({ channel: found.value.channel, ts: found.value.ts });
}

export function react(workspace: Workspace, raw: Raw): Reply {
  const args = readArguments(React, raw);
  if (!args.ok) return args.error;
  const found = visible(workspace, args.value.channel, args.value.timestamp);
  if (!found.ok) return found.error;
  if (found.value.reactions.includes(args.value.name)) return refuse('already_reacted');
  const message = { ...found.value, reactions: [...found.value.reactions, args.value.name] };
  workspace.messages.set(messageKey(message.channel, message.ts), message);
  return fine();
}

/** A message that the bot wrote and that is not ephemeral: no method reaches those. */
function own(workspace: Workspace, { channel, ts }: { channel: string; ts: string }, otherwise: string) {
  const found = visible(workspace, channel, ts);
  if (found.ok && found.value.user !== BOT.userId) return err(refuse(otherwise));
  return found;
}

function visible(workspace: Workspace, idOrName: string, ts: string): Result<Message, Reply> {
  const channel = findChannel(idOrName);
  if (!channel) return err(refuse('channel_not_found'));
  const message = workspace.messages.get(messageKey(channel.id, ts));
  if (!message || message.ephemeralFor !== undefined) return err(refuse('message_not_found'));
  return ok(message);
}

/** A reply to a reply goes to the same thread. */
function threadOf(
  workspace: Workspace,
  channel: string,
  threadTs: string | undefined,
): Result<Pick<Message, 'threadTs'>, Reply> {
  if (threadTs === undefined || threadTs === '') return ok({});
  const parent = workspace.messages.get(messageKey(channel, threadTs));
  if (!parent || parent.ephemeralFor !== undefined) return err(refuse('thread_not_found'));
  return ok({ threadTs: parent.threadTs ?? parent.ts });
}
