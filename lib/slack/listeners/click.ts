import * as z from 'zod';
import type { Clicker } from '../desk.ts';

/** A click on a card or in a modal. Source: docs.slack.dev, `block_actions` payload; only what we read. */
export type Click = {
  readonly actionId: string;
  readonly blockId: string;
  /** Of a button, or of the chosen option of a menu. */
  readonly value: string;
  readonly clicker: Clicker;
  /** Good for one view within 3 s. */
  readonly triggerId: string;
  readonly channelId: string | undefined;
  /** The modal that was clicked in. */
  readonly viewId: string | undefined;
};

/** In a shared channel the user's own team counts, not the one of the workspace that the app is installed in. */
const User = z.object({ id: z.string(), team_id: z.string().optional() });
const Team = z.object({ id: z.string() }).nullish();
export const Who = z
  .object({ user: User, team: Team })
  .transform(({ user, team }) => ({ userId: user.id, teamId: user.team_id ?? team?.id ?? '' }));

const BlockActions = z.object({
  trigger_id: z.string(),
  channel: z.object({ id: z.string() }).nullish(),
  container: z.object({ channel_id: z.string().optional() }).nullish(),
  view: z.object({ id: z.string() }).nullish(),
  actions: z.tuple(
    [
      z.object({
        action_id: z.string(),
        block_id: z.string(),
        value: z.string().optional(),
        selected_option: z.object({ value: z.string() }).nullish(),
      }),
    ],
    z.unknown(),
  ),
});

/** undefined: a payload in a shape that we do not know. */
export function parseClick(body: unknown): Click | undefined {
  const clicker = Who.safeParse(body).data;
  const parsed = BlockActions.safeParse(body).data;
  if (clicker === undefined || parsed === undefined) return undefined;
  const [action] = parsed.actions;
  return {
    actionId: action.action_id,
    blockId: action.block_id,
    value: action.value ?? action.selected_option?.value ?? '',
    clicker,
    triggerId: parsed.trigger_id,
    channelId: parsed.channel?.id ?? parsed.container?.channel_id,
    viewId: parsed.view?.id,
  };
}
