import { ACTION_TITLES, type ActionName } from '../approvals/action-name.ts';
import { quote } from './cite.ts';
import type { Facts, Order } from './finding.ts';
import { clockTime } from './node-time.ts';

/** What takes a node down for a while. */
const TAKES_DOWN: ReadonlySet<ActionName> = new Set<ActionName>([
  'reboot',
  'upgrade',
  'rollback',
  'restore_config',
  'reset_ephemeral',
  'reset_state_and_ephemeral',
]);
/** An upgrade pulls and writes an image first, and a node may take minutes to stop. */
const TAKES_UP_TO_MS = 60 * 60_000;
/** Clocks of nodes and of Medic differ. */
const CLOCKS_DIFFER_MS = 2 * 60_000;

/** The last of Medic's own orders that may have led to what began at `ms`. */
export function orderBefore({ ordered }: Facts, node: string, ms: number, within = TAKES_UP_TO_MS): Order | undefined {
  return ordered.find(({ node: about, action, at }) => {
    const agoMs = ms - Date.parse(at);
    return about === node && TAKES_DOWN.has(action) && agoMs <= within && agoMs >= -CLOCKS_DIFFER_MS;
  });
}

/** `Reboot, asked for by ada at 11:58 UTC` */
export const orderText = ({ action, by, at }: Order): string =>
  `${ACTION_TITLES[action]}, asked for by ${quote(by)} at ${clockTime(Date.parse(at))}`;
