import * as z from 'zod';
import { ACTS } from './acts.ts';
import { EVENTS_URL } from './deliver.ts';
import { Fault } from './faults.ts';
import { findChannel, MAIN_CHANNEL } from './people.ts';
import { stackOf } from './views.ts';
import { messageObject, viewObject } from './wire.ts';
import { messagesOf, type Workspace } from './workspace.ts';

/** The control API: what tests do and see. The caller has been checked. `undefined`: no such route. */
export type ControlCall = {
  readonly method: string;
  /** Below `/local/slack/control/`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
};
export type ControlAnswer = { readonly status: number; readonly body: unknown };

const EventsUrl = z.object({ url: z.url() });

export async function control(
  workspace: Workspace,
  baseUrl: string,
  { method, path, query, body }: ControlCall,
): Promise<ControlAnswer | undefined> {
  const act = Object.hasOwn(ACTS, path) ? ACTS[path] : undefined;
  if (method === 'POST' && act) {
    const outcome = await act(workspace, baseUrl, body);
    return { status: outcome.status === 'invalid' ? 422 : 200, body: outcome };
  }
  switch (`${method} ${path}`) {
    case 'GET messages':
      return { status: 200, body: { messages: listMessages(workspace, query.get('channel') ?? MAIN_CHANNEL.id) } };
    case 'GET views': {
      const user = query.get('user') ?? '';
      const home = workspace.homes.get(user);
      const views = stackOf(workspace, user).map((view) => viewObject(view));
      return {
        status: 200,
        body: { views, home: home ? viewObject(home) : null, notices: workspace.noticesFor(user) },
      };
    }
    case 'POST fault': {
      const fault = Fault.safeParse(body);
      if (!fault.success) return invalid(fault.error);
      workspace.faults.push(fault.data);
      return { status: 200, body: { ok: true } };
    }
    case 'POST clear-faults':
      workspace.faults.length = 0;
      return { status: 200, body: { ok: true } };
    case 'POST events-url': {
      const given = EventsUrl.safeParse(body);
      if (!given.success) return invalid(given.error);
      workspace.settings.set(EVENTS_URL, given.data.url);
      return { status: 200, body: { ok: true } };
    }
    default:
      return undefined;
  }
}

const invalid = (error: z.ZodError): ControlAnswer => ({
  status: 422,
  body: { status: 'invalid', error: z.prettifyError(error) },
});

/** Oldest first, replies and ephemeral messages included; `ephemeral_for` says who sees them. */
function listMessages(workspace: Workspace, channel: string) {
  return messagesOf(workspace, findChannel(channel)?.id ?? channel).map((message) => ({
    ...messageObject(message, { withMetadata: true }),
    channel: message.channel,
    ...(message.ephemeralFor !== undefined && { ephemeral_for: message.ephemeralFor }),
  }));
}
