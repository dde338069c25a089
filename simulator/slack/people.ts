/** The workspace that every local Slack starts with: people named by what they are, one channel, one bot. */
export const TEAM = { id: 'T0LOCAL', domain: 'local', name: 'Local workspace' } as const;
export const BOT = {
  userId: 'U0MEDIC',
  botId: 'B0MEDIC',
  appId: 'A0MEDIC',
  name: 'Talos Medic',
  handle: 'talos-medic',
};

export type Person = {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly isGuest: boolean;
  readonly isDeactivated: boolean;
};
const person = (id: string, handle: string, name: string, flags?: Partial<Person>): Person => ({
  id,
  handle,
  name,
  isGuest: false,
  isDeactivated: false,
  ...flags,
});

export const PEOPLE: readonly Person[] = [
  person('U0ONCALL', 'on-call', 'On-call engineer'),
  person('U0SECOND', 'second', 'Second engineer'),
  person('U0LEAD', 'lead', 'Platform lead'),
  person('U0VIEWER', 'viewer', 'Viewer'),
  person('U0GUEST', 'guest', 'Guest', { isGuest: true }),
  person('U0GONE', 'former', 'Former engineer', { isDeactivated: true }),
];

export const USER_GROUPS: readonly { readonly id: string; readonly handle: string; readonly users: string[] }[] = [
  { id: 'S0ONCALL', handle: 'talos-oncall', users: ['U0ONCALL', 'U0SECOND'] },
  { id: 'S0LEADS', handle: 'platform-leads', users: ['U0LEAD'] },
];

export type Channel = { readonly id: string; readonly name: string; readonly directTo?: string };
export const MAIN_CHANNEL: Channel = { id: 'C0TALOS', name: 'talos-oncall' };

/** A direct channel exists for everyone who works here, and is found by its person. */
export const directChannel = (userId: string): Channel => ({
  id: `D0${userId.slice(2)}`,
  name: 'directmessage',
  directTo: userId,
});

export const findPerson = (userId: string) => PEOPLE.find((one) => one.id === userId);

/** By channel id or, as `chat.postMessage` allows, by user id or `#name`. */
export function findChannel(idOrName: string): Channel | undefined {
  if (idOrName === MAIN_CHANNEL.id || idOrName === `#${MAIN_CHANNEL.name}` || idOrName === MAIN_CHANNEL.name) {
    return MAIN_CHANNEL;
  }
  const person = PEOPLE.find((one) => one.id === idOrName || directChannel(one.id).id === idOrName);
  return person && directChannel(person.id);
}

export function displayName(userId: string): string {
  if (userId === BOT.userId) return BOT.name;
  return findPerson(userId)?.name ?? userId;
}

/** As `users.info` shows a person. Slack leaves most flags out once an account is deactivated. */
export function userObject(userId: string): Record<string, unknown> | undefined {
  if (userId === BOT.userId) return describeUser(BOT.userId, BOT.handle, BOT.name, { is_bot: true });
  const found = findPerson(userId);
  if (!found) return undefined;
  const { id, handle, name, isGuest, isDeactivated } = found;
  if (!isDeactivated) return describeUser(id, handle, name, { is_bot: false, is_restricted: isGuest });
  const profile = { real_name: name, display_name: name, team: TEAM.id };
  return { id, team_id: TEAM.id, name: handle, deleted: true, is_bot: false, is_app_user: false, updated: 0, profile };
}

function describeUser(id: string, handle: string, name: string, flags: Record<string, boolean>) {
  return {
    id,
    team_id: TEAM.id,
    name: handle,
    deleted: false,
    real_name: name,
    tz: 'Etc/UTC',
    tz_label: 'UTC',
    tz_offset: 0,
    profile: { real_name: name, display_name: name, team: TEAM.id },
    is_admin: false,
    is_owner: false,
    is_primary_owner: false,
    is_restricted: false,
    is_ultra_restricted: false,
    is_app_user: false,
    updated: 0,
    ...flags,
  };
}
