import { clusterOf } from '../config/config.ts';
import { clusterKind, clusterStream } from '../incidents/cluster-stream.ts';
import type { Clicker, DeskAnswer, PatrolBegun } from '../slack/desk.ts';
import { readInventory } from './inventory.ts';
import { type Deciding, recordClusterRefusal, whoDecides } from './people.ts';

const STORE_DOWN = 'The record could not be written, so nothing was started. Try again in a moment.';

/** Somebody wants a cluster looked over; the answer goes to them, in the channel where they asked. */
export async function wantPatrol(
  deps: Deciding,
  named: string,
  clicker: Clicker,
  channel: string,
): Promise<DeskAnswer<PatrolBegun>> {
  const no = (because: string) => ({ ok: false, error: { because } }) as const;
  if (clicker.teamId !== deps.config.slack.team) return no('You belong to another Slack workspace.');
  const names = deps.config.clusters.map(({ name }) => name);
  const cluster = named === '' && names.length === 1 ? (names[0] ?? '') : named;
  if (clusterOf(deps.config, cluster) === undefined) {
    const known = `Medic knows ${names.join(', ')}.`;
    return no(
      cluster === ''
        ? `Say which cluster: \`/medic check <cluster>\`. ${known}`
        : `Medic does not know the cluster ${cluster}. ${known}`,
    );
  }
  const who = await whoDecides(deps, { cluster }, clicker, 'operator');
  if ('because' in who) {
    await recordClusterRefusal(deps, cluster, who.actor, 'Check requested', who.because);
    return no(who.because);
  }
  const nodes = (await readInventory(deps, cluster)).length;
  if (nodes === 0) return no(`Medic has not seen any node of ${cluster} yet, so there is nothing to look at.`);
  const event = { type: 'patrol_wanted' as const, actor: who.actor, cluster, node: '', data: { channel } };
  const wanted = await deps.ledger.change(clusterKind, clusterStream(cluster), (state) => {
    const isWaiting = state?.wanted.some((asker) => asker.user === who.actor.id && asker.channel === channel) === true;
    return { events: isWaiting ? [] : [event], result: undefined };
  });
  return wanted.ok ? { ok: true, value: { cluster, nodes } } : no(STORE_DOWN);
}
