import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import * as z from 'zod';

/** Every action, by the name that records carry for ever. */
export const ActionName = z.enum([
  'restart_service',
  'reboot',
  'apply_config',
  'restore_config',
  'upgrade',
  'rollback',
  'defragment_etcd',
  'disarm_etcd_alarm',
  'forfeit_etcd_leadership',
  'remove_etcd_member',
  'reset_ephemeral',
  'reset_state_and_ephemeral',
]);
export type ActionName = z.infer<typeof ActionName>;

/** As on the button. Plain text, 24 characters at most: it is the title of a Slack modal too. */
export const ACTION_TITLES: Readonly<Record<ActionName, string>> = {
  restart_service: 'Restart service',
  reboot: 'Reboot',
  apply_config: 'Change config',
  restore_config: 'Restore config',
  upgrade: 'Upgrade',
  rollback: 'Roll back',
  defragment_etcd: 'Defragment etcd',
  disarm_etcd_alarm: 'Disarm etcd alarms',
  forfeit_etcd_leadership: 'Move etcd leadership',
  remove_etcd_member: 'Remove etcd member',
  reset_ephemeral: 'Wipe EPHEMERAL',
  reset_state_and_ephemeral: 'Wipe STATE and EPHEMERAL',
};

/** What an action is to do in this case: texts only, because they are kept in records. Parsed by the action itself. */
export const Parameters = z.record(z.string(), z.string());
export type Parameters = Readonly<z.infer<typeof Parameters>>;

/** The same for the same action with the same parameters: what a button names. Letters, digits, `_` and `-`. */
export function offerId(action: ActionName, parameters: Parameters): string {
  if (Object.keys(parameters).length === 0) return action;
  const hash = createHash('sha256').update(canonicalize(parameters) ?? '');
  return `${action}-${hash.digest('hex').slice(0, 8)}`;
}

/** Of an offer's id; undefined: it names no action. */
export const offeredAction = (id: string): ActionName | undefined => ActionName.safeParse(id.split('-')[0]).data;

/** `Restart service ext-nut`: the title and what it is about, where there is more to say than the title. */
export const titleOf = ({ action, about }: { readonly action: ActionName; readonly about: string }): string =>
  about === '' ? ACTION_TITLES[action] : `${ACTION_TITLES[action]} ${about}`;
