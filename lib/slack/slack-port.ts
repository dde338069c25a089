import type { KnownBlock, View } from '@slack/types';
import type { Result } from '../result.ts';

/** `unknown`: it may have arrived (timeout, 5xx, connection lost): look before sending again. */
export type SlackError = {
  readonly code: 'refused' | 'rate_limited' | 'unknown' | 'unavailable';
  /** Slack's own error name where it gave one: `msg_blocks_too_long`, `channel_not_found` ... */
  readonly slackCode: string;
  readonly message: string;
  readonly retryAfterS?: number;
};

export type Card = {
  /** A full sentence for notifications and screen readers. */
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
};

/** `event_type` `medic_card`; readable by everyone in the workspace, so it holds ids only. */
export type CardMetadata = { readonly incidentId: string };

/** `event_type` `medic_milestone`: a reply that is already there is found by it and not posted again. */
export type ThreadMetadata = { readonly incidentId: string; readonly seq: number };

export type SlackUser = {
  readonly id: string;
  readonly name: string;
  readonly teamId: string;
  readonly isBot: boolean;
  readonly isGuest: boolean;
  readonly isDeactivated: boolean;
};

/** The Web API as we use it. Never throws; nothing is retried inside. */
export interface SlackPort {
  postCard(channel: string, card: Card, metadata: CardMetadata): Promise<Result<{ readonly ts: string }, SlackError>>;
  updateCard(channel: string, ts: string, card: Card, metadata: CardMetadata): Promise<Result<void, SlackError>>;
  /** Looks for our card by its metadata among the channel's latest messages. */
  findCard(channel: string, metadata: CardMetadata, sinceS: number): Promise<Result<string | undefined, SlackError>>;
  /** Looks among the thread's replies first, and posts only what is not there. `mentions`: user ids that it notifies. */
  postThread(
    channel: string,
    ts: string,
    text: string,
    metadata: ThreadMetadata,
    mentions?: readonly string[],
  ): Promise<Result<{ readonly ts: string }, SlackError>>;
  /** A message that only this person sees, and only now: nothing keeps it. `text` is mrkdwn that a view made. */
  postEphemeral(channel: string, user: string, text: string): Promise<Result<void, SlackError>>;
  updateView(externalId: string, view: View): Promise<Result<void, SlackError>>;
  user(userId: string): Promise<Result<SlackUser, SlackError>>;
}
