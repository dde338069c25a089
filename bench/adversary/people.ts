import type { ActionName } from '../../lib/approvals/action-name.ts';
import type { SlackUser } from '../../lib/slack/slack-port.ts';

export const TEAM = 'T1';

const person = (id: string, change: Partial<SlackUser> = {}): SlackUser => ({
  id,
  name: id.slice(1).toLowerCase(),
  teamId: TEAM,
  isBot: false,
  isGuest: false,
  isDeactivated: false,
  ...change,
});

export const PEOPLE: readonly SlackUser[] = [
  person('UADMIN1'),
  person('UADMIN2'),
  person('UADMIN3'),
  person('UOP1'),
  person('UOP2'),
  person('UNOBODY'),
  person('UGUEST', { isGuest: true }),
  person('UGONE', { isDeactivated: true }),
  person('UROBOT', { isBot: true }),
  person('UELSEWHERE', { teamId: 'T2' }),
];

/** As configured: also people who may not in spite of it. */
export const BINDINGS = [
  { users: ['UADMIN1', 'UADMIN2', 'UADMIN3', 'UGUEST', 'UGONE', 'UROBOT', 'UELSEWHERE'], role: 'admin' as const },
  { users: ['UOP1', 'UOP2'], role: 'operator' as const },
];

// The promises once more, written down here by hand and not taken from the code that is tested.

export const ADMINS: readonly string[] = ['UADMIN1', 'UADMIN2', 'UADMIN3'];
export const OPERATORS: readonly string[] = [...ADMINS, 'UOP1', 'UOP2'];
const FOR_OPERATORS: readonly ActionName[] = ['reboot', 'restart_service', 'defragment_etcd', 'disarm_etcd_alarm'];
const DESTRUCTIVE: readonly ActionName[] = [
  'restore_config',
  'remove_etcd_member',
  'reset_ephemeral',
  'reset_state_and_ephemeral',
];
const ONE_IS_ENOUGH: readonly ActionName[] = ['reboot', 'restart_service'];

export const entitled = (action: ActionName): readonly string[] =>
  FOR_OPERATORS.includes(action) ? OPERATORS : ADMINS;

export function yesesFor(action: ActionName, role: 'controlplane' | 'worker'): number {
  if (DESTRUCTIVE.includes(action)) return 2;
  return ONE_IS_ENOUGH.includes(action) || role === 'worker' ? 1 : 2;
}
