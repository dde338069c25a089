import { setTimeout as wait } from 'node:timers/promises';
import { takeFault } from './faults.ts';
import { postEphemeral, postMessage, type Raw, react, remove, update } from './methods-chat.ts';
import { authTest, history, info, open, replies, userGroupUsers, usersInfo } from './methods-conversations.ts';
import { viewsOpen, viewsPublish, viewsPush, viewsUpdate } from './methods-views.ts';
import { fine, type Reply, refuse } from './reply.ts';
import type { Workspace } from './workspace.ts';

const METHODS: Readonly<Record<string, (workspace: Workspace, raw: Raw) => Reply>> = {
  'api.test': () => fine(),
  'auth.test': authTest,
  'chat.postMessage': postMessage,
  'chat.postEphemeral': postEphemeral,
  'chat.update': update,
  'chat.delete': remove,
  'conversations.history': history,
  'conversations.replies': replies,
  'conversations.info': info,
  'conversations.open': open,
  'reactions.add': react,
  'usergroups.users.list': userGroupUsers,
  'users.info': usersInfo,
  'views.open': viewsOpen,
  'views.push': viewsPush,
  'views.update': viewsUpdate,
  'views.publish': viewsPublish,
};

/** What goes back over HTTP; `silence` is a connection that stays open and says nothing. */
export type ApiAnswer =
  | { readonly kind: 'json'; readonly status: number; readonly body: Reply; readonly headers?: Record<string, string> }
  | { readonly kind: 'html'; readonly status: number; readonly body: string }
  | { readonly kind: 'silence' };

export type ApiCall = { readonly method: string; readonly token: string | undefined; readonly args: Raw };

/** One call of the Web API, faults included. Refusals are HTTP 200 with `ok: false`, as on the real one. */
export async function callMethod(workspace: Workspace, call: ApiCall): Promise<ApiAnswer> {
  const fault = takeFault(workspace.faults, call.method);
  const honest = (): ApiAnswer => ({ kind: 'json', status: 200, body: answer(workspace, call) });
  if (!fault) return honest();
  switch (fault.kind) {
    case '429': {
      const headers = { 'retry-after': String(fault.retryAfterS) };
      return { kind: 'json', status: 429, body: refuse('ratelimited'), headers };
    }
    case '500':
      return { kind: 'html', status: 500, body: '<html><body>Internal Server Error</body></html>' };
    case 'html':
      return { kind: 'html', status: 200, body: '<html><body>Something is wrong</body></html>' };
    case 'timeout':
      return { kind: 'silence' };
    case 'timeout_after_post':
      honest();
      return { kind: 'silence' };
    case 'slow':
      await wait(fault.delayMs);
      return honest();
    default:
      return { kind: 'json', status: 200, body: refuse(fault.kind) };
  }
}

function answer(workspace: Workspace, { method, token, args }: ApiCall): Reply {
  const run = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
  if (!run) return refuse('unknown_method');
  if (token === undefined || token === '') return refuse('not_authed');
  if (token !== workspace.botToken) return refuse('invalid_auth');
  return run(workspace, args);
}
