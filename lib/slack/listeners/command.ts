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
type Deciding = Pick<Desk, 'check' | 'command'>;

const COMMANDS: readonly ClusterCommand[] = ['freeze', 'unfreeze', 'takeover'];

/** What the person reads at once; what changed something is said to the channel. */
export async function answerCommand(desk: Deciding, body: unknown): Promise<Answer> {
  const parsed = SlashCommand.safeParse(body);
  if (!parsed.success) return en.reply.commandUnknown('');
  const { words, text, clicker, channel } = parsed.data;
  const [name = '', argument = '', ...more] = words;
  if (name === '' || name === 'help') return en.reply.commandHelp;
  const command = COMMANDS.find((one) => one === name);
  if (command !== undefined) return decide(desk, command, argument, clicker, more.join(' '));
  if (name !== 'check' || more.length > 0) return en.reply.commandUnknown(outside(text, 100));
  const begun = await desk.check(argument, clicker, channel);
  if (!begun.ok) return withMentions(begun.error.because, 1_000);
  return en.patrol.begun(outside(begun.value.cluster, 60), begun.value.nodes);
}

/** `/medic <command> <cluster> <reason>`. */
async function decide(
  desk: Deciding,
  command: ClusterCommand,
  cluster: string,
  clicker: Clicker,
  reason: string,
): Promise<Answer> {
  if (cluster === '' || reason === '') return en.reply.commandUsage(command);
  const answer = await desk.command(command, cluster, clicker, reason);
  if (!answer.ok) return withMentions(answer.error.because, 1_000);
  return { response_type: 'in_channel', text: outside(answer.value, 1_000) };
}
