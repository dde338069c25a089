import type { Message, OpenView } from './model.ts';
import { BOT, type Channel, findChannel, TEAM } from './people.ts';

/** Messages and views as Slack shows them to apps. */
export function messageObject(message: Message, options: { readonly withMetadata: boolean }): Record<string, unknown> {
  const { ts, user, text, blocks, threadTs, metadata, editedTs, reactions } = message;
  const isBot = user === BOT.userId;
  return {
    type: 'message',
    user,
    ts,
    text,
    team: TEAM.id,
    ...(isBot && { bot_id: BOT.botId, app_id: BOT.appId, bot_profile: { id: BOT.botId, name: BOT.handle } }),
    ...(blocks && { blocks }),
    ...(threadTs !== undefined && { thread_ts: threadTs }),
    ...(editedTs !== undefined && { edited: { user, ts: editedTs } }),
    ...(options.withMetadata && metadata && { metadata }),
    ...(reactions.length > 0 && { reactions: reactions.map((name) => ({ name, users: [BOT.userId], count: 1 })) }),
  };
}

/** With `values`, as in a submission; without, as the answer of `views.open`. */
export function viewObject({ id, rootId, previousId, hash, view }: OpenView, values: unknown = {}) {
  const common = {
    id,
    team_id: TEAM.id,
    app_id: BOT.appId,
    app_installed_team_id: TEAM.id,
    bot_id: BOT.botId,
    root_view_id: rootId,
    previous_view_id: previousId ?? null,
    hash,
    state: { values },
    private_metadata: '',
    callback_id: '',
    external_id: '',
  };
  if (view.type === 'home') return { ...common, ...view };
  return { ...common, submit: null, close: null, clear_on_close: false, notify_on_close: false, ...view };
}

export function channelObject({ id, name, directTo }: Channel): Record<string, unknown> {
  if (directTo !== undefined) return { id, is_im: true, is_channel: false, user: directTo, is_archived: false };
  return {
    id,
    name,
    name_normalized: name,
    is_channel: true,
    is_im: false,
    is_private: false,
    is_member: true,
    is_archived: false,
  };
}

/** As it is named in interactions. */
export const channelMention = (id: string) => ({ id, name: findChannel(id)?.name ?? id });
