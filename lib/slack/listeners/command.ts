import * as z from 'zod';
import type { Clicker, ClusterCommand, Desk } from '../desk.ts';
import { en } from '../text/en.ts';
import { outside, withMentions } from '../views/mrkdwn.ts';

/** `/medic …`. Source: docs.slack.dev, slash command payload; only what we read. `team_id`: of whoever typed it. */
const SlashCommand = z
  .object({ text: z.string().default(''), user_id: z.string(), team_id: z.string(), channel_id: z.string() })
  .transform(({ text, user_id, team_id, channel_id }) => {
    const clicker: Clicker = { userId: user_id, teamId: team_id };
    return { words: text.trim().split(/\s+/), text: text.trim(), clicker, channel: channel_id };
  });
/** A text is for the one person, a message with `in_channel` for all who can see what they typed. */
type Answer = string | { readonly response_type: 'in_channel'; readonly text: string };

const COMMANDS: readonly ClusterCommand[] = ['freeze', 'unfreeze', 'takeover'];

export async function answerCommand(desk: Pick<Desk, 'check' | 'command'>, body: unknown): Promise<Answer> {
  const parsed = SlashCommand.safeParse(body);
  if (!parsed.success) return en.reply.commandUnknown('');
  const { words, text, clicker, channel } = parsed.data;
  const [name = '', cluster = '', ...rest] = words;
  if (name === '' || name === 'help') return en.reply.commandHelp;
  if (name === 'check' && rest.length === 0) return check(desk, cluster, clicker, channel);
  const command = COMMANDS.find((one) => one === name);
  if (command === undefined) return en.reply.commandUnknown(outside(text, 100));
  return change(desk, command, cluster, clicker, rest.join(' '));
}

async function check(desk: Pick<Desk, 'check'>, cluster: string, clicker: Clicker, channel: string): Promise<Answer> {
  const begun = await desk.check(cluster, clicker, channel);
  if (!begun.ok) return withMentions(begun.error.because, 1_000);
  return en.patrol.begun(outside(begun.value.cluster, 60), begun.value.nodes);
}

/** What was done is said to the channel, a refusal to the person alone. */
async function change(
  desk: Pick<Desk, 'command'>,
  name: ClusterCommand,
  cluster: string,
  clicker: Clicker,
  reason: string,
): Promise<Answer> {
  if (cluster === '' || reason === '') return en.reply.commandUsage(name);
  const answer = await desk.command(name, cluster, clicker, reason);
  if (!answer.ok) return withMentions(answer.error.because, 3000);
  return { response_type: 'in_channel', text: outside(answer.value, 3000) };
}
