import type { ClusterCommand, Desk } from '../desk.ts';
import { en } from '../text/en.ts';
import { outside, withMentions } from '../views/mrkdwn.ts';

/** A slash command as Bolt gives it; only what we read. `team_id`: of whoever typed it. */
type Typed = { readonly text: string; readonly user_id: string; readonly team_id: string };
/** A text is for the one person, a message with `in_channel` for all who can see what they typed. */
type Answer = string | { readonly response_type: 'in_channel'; readonly text: string };

const COMMANDS: readonly ClusterCommand[] = ['freeze', 'unfreeze', 'takeover'];

/** `/medic <command> <cluster> <reason>`. What was done is said to the channel, a refusal to the person alone. */
export async function answerCommand(desk: Desk, typed: Typed): Promise<Answer> {
  const [word = '', cluster = '', ...rest] = typed.text.trim().split(/\s+/);
  if (word === '' || word === 'help') return en.reply.commandHelp;
  const name = COMMANDS.find((one) => one === word);
  if (name === undefined) return en.reply.commandUnknown(outside(typed.text.trim(), 100));
  const reason = rest.join(' ');
  if (cluster === '' || reason === '') return en.reply.commandUsage(name);
  const clicker = { userId: typed.user_id, teamId: typed.team_id };
  const answer = await desk.command(name, cluster, clicker, reason);
  if (!answer.ok) return withMentions(answer.error.because, 3000);
  return { response_type: 'in_channel', text: outside(answer.value, 3000) };
}
