import { deliver } from './deliver.ts';
import type { Outcome } from './interact.ts';
import { newResponseUrl, newTrigger } from './payload-parts.ts';
import { BOT, findChannel, findPerson, TEAM } from './people.ts';
import { respond } from './response-url.ts';
import { messageKey, type Workspace } from './workspace.ts';

const COMMANDS = ['/medic'];

/** A slash command, as typed into the channel. The app may answer in the acknowledgement itself. */
export async function runCommand(
  workspace: Workspace,
  baseUrl: string,
  { user, channel, text }: { readonly user: string; readonly channel: string; readonly text: string },
): Promise<Outcome> {
  const [command = '', ...rest] = text.trim().split(/\s+/);
  const where = findChannel(channel);
  if (!where) return { status: 'invalid', error: 'channel_not_found' };
  if (!COMMANDS.includes(command)) {
    workspace.notify(user, `${command} is not a valid command.`);
    return { status: 'invalid', error: 'unknown_command' };
  }
  const delivery = await deliver(workspace, {
    form: {
      token: 'local',
      team_id: TEAM.id,
      team_domain: TEAM.domain,
      channel_id: where.id,
      channel_name: where.name,
      user_id: user,
      user_name: findPerson(user)?.handle ?? user.toLowerCase(),
      command,
      text: rest.join(' '),
      api_app_id: BOT.appId,
      is_enterprise_install: 'false',
      response_url: newResponseUrl(workspace, baseUrl, { channel: where.id, user }),
      trigger_id: newTrigger(workspace, user),
    },
  });
  if (delivery.status === 'acked') {
    answerInAck(workspace, where.id, user, delivery.body);
  } else {
    const why = delivery.status === 'timeout' ? 'operation_timeout' : 'dispatch_failed';
    workspace.notify(user, `${command} failed with the error "${why}".`);
  }
  return delivery;
}

function answerInAck(workspace: Workspace, channel: string, user: string, body: unknown): void {
  if (typeof body === 'string') {
    if (body.trim() !== '') respond(workspace, { channel, user }, { text: body });
    return;
  }
  const isObject = typeof body === 'object' && body !== null && Object.keys(body).length > 0;
  if (isObject && respond(workspace, { channel, user }, body) !== undefined) {
    workspace.notify(user, 'The app answered with a message that cannot be shown.');
  }
}

/** A plain message of a person. It reaches the channel, not the app. */
export function say(workspace: Workspace, user: string, channel: string, text: string, threadTs?: string): void {
  const ts = workspace.nextTs();
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  workspace.messages.set(messageKey(channel, ts), {
    channel,
    ts,
    user,
    text: escaped,
    reactions: [],
    ...(threadTs !== undefined && { threadTs }),
  });
}
