import { randomBytes } from 'node:crypto';
import { takeFault } from './faults.ts';
import type { ResponseUrl } from './model.ts';
import { BOT, findPerson, TEAM } from './people.ts';
import type { Workspace } from './workspace.ts';

/** Parts that every interaction carries, and the two rights that come with it: a trigger and a response URL. */
const TRIGGER_LIFE_MS = 3000;
const RESPONSE_URL_LIFE_MS = 30 * 60 * 1000;
const RESPONSE_URL_USES = 5;
const FORGET_TRIGGERS_AFTER_MS = 10 * 60 * 1000;

export const commonParts = (userId: string) => {
  const handle = findPerson(userId)?.handle ?? userId.toLowerCase();
  return {
    user: { id: userId, username: handle, name: handle, team_id: TEAM.id },
    team: { id: TEAM.id, domain: TEAM.domain },
    api_app_id: BOT.appId,
    token: 'local',
    enterprise: null,
    is_enterprise_install: false,
  };
};

/** `viewId` when the click happened inside of a modal, which `views.push` asks for. */
export function newTrigger(workspace: Workspace, user: string, viewId?: string): string {
  const now = workspace.now();
  for (const [old, trigger] of workspace.triggers) {
    if (trigger.expiresAtMs + FORGET_TRIGGERS_AFTER_MS < now) workspace.triggers.delete(old);
  }
  const expired = takeTriggerFault(workspace) ? 2 * TRIGGER_LIFE_MS : 0;
  const id = `${now}.${randomBytes(4).readUInt32BE()}.${randomBytes(16).toString('hex')}`;
  workspace.triggers.set(id, {
    user,
    expiresAtMs: now + TRIGGER_LIFE_MS - expired,
    used: false,
    ...(viewId !== undefined && { viewId }),
  });
  return id;
}

function takeTriggerFault(workspace: Workspace): boolean {
  const isNext = workspace.faults.find(({ method }) => method === 'interaction')?.kind === 'expired_trigger';
  if (isNext) takeFault(workspace.faults, 'interaction');
  return isNext;
}

/** `baseUrl`: where this process listens. */
export function newResponseUrl(
  workspace: Workspace,
  baseUrl: string,
  about: Pick<ResponseUrl, 'channel' | 'user' | 'messageTs' | 'threadTs'>,
): string {
  for (const old of workspace.responseUrls.values()) {
    if (old.expiresAtMs < workspace.now()) workspace.responseUrls.delete(old.secret);
  }
  const secret = randomBytes(18).toString('base64url');
  const expiresAtMs = workspace.now() + RESPONSE_URL_LIFE_MS;
  workspace.responseUrls.set(secret, { ...about, secret, expiresAtMs, usesLeft: RESPONSE_URL_USES });
  return `${baseUrl}/local/slack/response/${secret}`;
}
