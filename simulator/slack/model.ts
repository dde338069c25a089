import * as z from 'zod';
import { Block, View } from './block-schema.ts';

/** What this Slack remembers. All times are epoch milliseconds; `ts` is Slack's message id, "seconds.micros". */
export const Message = z.object({
  channel: z.string(),
  ts: z.string(),
  /** Author: a person, or the bot. */
  user: z.string(),
  text: z.string(),
  blocks: z.array(Block).optional(),
  threadTs: z.string().optional(),
  metadata: z.object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) }).optional(),
  editedTs: z.string().optional(),
  /** Only this person sees it; never in the history. */
  ephemeralFor: z.string().optional(),
  reactions: z.array(z.string()),
});
export type Message = z.infer<typeof Message>;

export const OpenView = z.object({
  id: z.string(),
  userId: z.string(),
  rootId: z.string(),
  previousId: z.string().optional(),
  hash: z.string(),
  view: View,
  openedAtMs: z.int(),
});
export type OpenView = z.infer<typeof OpenView>;

/** The right to answer one interaction from outside: 30 minutes, five times, no token needed. */
export const ResponseUrl = z.object({
  secret: z.string(),
  channel: z.string(),
  user: z.string(),
  /** The message that was clicked, where there is one. */
  messageTs: z.string().optional(),
  threadTs: z.string().optional(),
  expiresAtMs: z.int(),
  usesLeft: z.int(),
});
export type ResponseUrl = z.infer<typeof ResponseUrl>;

export type Trigger = { readonly user: string; readonly expiresAtMs: number; readonly viewId?: string; used: boolean };

/** Something that Slack itself tells one person, such as an app that did not answer. Forgotten on restart. */
export type Notice = { readonly id: string; readonly text: string };
