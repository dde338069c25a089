import * as z from 'zod';
import type { Clicker, Desk } from '../desk.ts';
import { en } from '../text/en.ts';
import { outside, withMentions } from '../views/mrkdwn.ts';

/** `/medic …`. Source: docs.slack.dev, slash command payload; only what we read. */
const SlashCommand = z
  .object({ text: z.string().default(''), user_id: z.string(), team_id: z.string(), channel_id: z.string() })
  .transform(({ text, user_id, team_id, channel_id }) => {
    const clicker: Clicker = { userId: user_id, teamId: team_id };
    return { words: text.trim().split(/\s+/), text: text.trim(), clicker, channel: channel_id };
  });

/** What the person reads at once, and nobody else. */
export async function answerCommand(desk: Pick<Desk, 'check'>, body: unknown): Promise<string> {
  const parsed = SlashCommand.safeParse(body);
  if (!parsed.success) return en.reply.commandUnknown('');
  const { words, text, clicker, channel } = parsed.data;
  const [name = '', argument = '', ...more] = words;
  if (name === '' || name === 'help') return en.reply.commandHelp;
  if (name !== 'check' || more.length > 0) return en.reply.commandUnknown(outside(text, 100));
  const begun = await desk.check(argument, clicker, channel);
  if (!begun.ok) return withMentions(begun.error.because, 1_000);
  return en.patrol.begun(outside(begun.value.cluster, 60), begun.value.nodes);
}
