import type { Block, Element } from './block-schema.ts';
import { elementsOf } from './check-blocks.ts';
import { type Delivery, deliver } from './deliver.ts';
import type { Message, OpenView } from './model.ts';
import { commonParts, newResponseUrl, newTrigger } from './payload-parts.ts';
import { enteredValue, optionsOf, stateValues, type Typed } from './state-values.ts';
import { channelMention, messageObject, viewObject } from './wire.ts';
import { messageKey, type Workspace } from './workspace.ts';

/** What became of something that a person did. `invalid`: Slack's client would not even have sent it. */
export type Outcome =
  | Delivery
  | { readonly status: 'invalid'; readonly error: string; readonly errors?: Readonly<Record<string, string>> };

export type Click = {
  readonly user: string;
  readonly channel?: string | undefined;
  readonly ts?: string | undefined;
  readonly view_id?: string | undefined;
  readonly action_id: string;
  readonly block_id?: string | undefined;
  /** The option of a menu. With an action that the message no longer has: a click from a screen that is out of date. */
  readonly value?: string | readonly string[] | undefined;
  readonly values?: Typed | undefined;
};
type Target = { readonly block: Block; readonly element: Element };

/** A click on a button, a menu's option or any other element of a message, a modal or the App Home. */
export async function click(workspace: Workspace, baseUrl: string, given: Click): Promise<Outcome> {
  const source = sourceOf(workspace, given);
  if (!source) return { status: 'invalid', error: 'message_not_found' };
  const blocks = (source.kind === 'message' ? source.message.blocks : source.view.view.blocks) ?? [];
  const target = findTarget(blocks, given) ?? staleTarget(given);
  if (!target) return { status: 'invalid', error: 'action_not_found' };
  const action = actionOf(workspace, target, given.value);
  if (!action) return { status: 'invalid', error: 'option_not_found' };
  const state = { values: stateValues(blocks, given.values ?? {}) };
  const body = { type: 'block_actions', ...commonParts(given.user), actions: [action] };
  const payload =
    source.kind === 'message'
      ? { ...body, state, ...messageParts(workspace, baseUrl, given.user, source.message) }
      : { ...body, ...viewParts(workspace, given.user, source.view, state.values) };
  const delivery = await deliver(workspace, { form: { payload: JSON.stringify(payload) } });
  tellFailure(workspace, given.user, delivery);
  return delivery;
}

type Source =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'view'; readonly view: OpenView };

/** Only what that person can see. */
function sourceOf(workspace: Workspace, { user, channel, ts, view_id }: Click): Source | undefined {
  if (view_id !== undefined) {
    const home = workspace.homes.get(user);
    const view = home?.id === view_id ? home : workspace.views.get(view_id);
    return view?.userId === user ? { kind: 'view', view } : undefined;
  }
  const message = workspace.messages.get(messageKey(channel ?? '', ts ?? ''));
  const isVisible = message && (message.ephemeralFor === undefined || message.ephemeralFor === user);
  return isVisible ? { kind: 'message', message } : undefined;
}

/** Several blocks may use one action id: then the block id or the value tells them apart. */
function findTarget(blocks: readonly Block[], { action_id, block_id, value }: Click): Target | undefined {
  const all = blocks.flatMap((block) => elementsOf(block).map((element) => ({ block, element })));
  const named = all.filter(
    ({ block, element }) => element.action_id === action_id && (block_id === undefined || block.block_id === block_id),
  );
  return named.find(({ element }) => element.type === 'button' && element.value === value) ?? named[0];
}

function staleTarget({ action_id, block_id, value }: Click): Target | undefined {
  if (typeof value !== 'string') return undefined;
  const element: Element = { type: 'button', text: { type: 'plain_text', text: 'Out of date' }, action_id, value };
  return { block: { type: 'actions', block_id: block_id ?? 'stale', elements: [element] }, element };
}

function actionOf(workspace: Workspace, { block, element }: Target, value: Click['value']) {
  const common = { action_id: element.action_id, block_id: block.block_id, action_ts: workspace.nextTs() };
  if (element.type === 'button') {
    const { text, style } = element;
    const shown = typeof value === 'string' ? value : element.value;
    return { ...common, type: 'button', text, ...(style && { style }), ...(shown !== undefined && { value: shown }) };
  }
  const known = optionsOf(element).map((option) => option.value);
  const chosen = [value ?? []].flat();
  if (known.length > 0 && !chosen.every((one) => known.includes(one))) return undefined;
  if (element.type === 'overflow' && chosen.length !== 1) return undefined;
  return { ...common, ...enteredValue(element, value) };
}

function messageParts(workspace: Workspace, baseUrl: string, user: string, message: Message) {
  const { channel, ts, threadTs, ephemeralFor } = message;
  const isEphemeral = ephemeralFor !== undefined;
  const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
  const about = { channel, user, messageTs: ts, ...(threadTs !== undefined && { threadTs }) };
  return {
    container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: isEphemeral, ...thread },
    trigger_id: newTrigger(workspace, user),
    channel: channelMention(channel),
    ...(!isEphemeral && { message: messageObject(message, { withMetadata: true }) }),
    response_url: newResponseUrl(workspace, baseUrl, about),
  };
}

function viewParts(workspace: Workspace, user: string, view: OpenView, values: unknown) {
  return {
    container: { type: 'view', view_id: view.id },
    trigger_id: newTrigger(workspace, user, view.view.type === 'modal' ? view.id : undefined),
    view: viewObject(view, values),
  };
}

/** Slack's kind of words, shown only to the person who clicked. */
export function tellFailure(workspace: Workspace, user: string, delivery: Delivery): void {
  if (delivery.status === 'timeout') workspace.notify(user, 'This app did not respond in time. Try again.');
  if (delivery.status === 'unreachable') workspace.notify(user, 'This app did not respond. Is it running?');
  if (delivery.status === 'refused') {
    workspace.notify(user, `This app responded with status code ${delivery.httpStatus}.`);
  }
}
