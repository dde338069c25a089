import { mayDecide, type Person, whoCan } from '../approvals/policy.ts';
import { type ClusterConfig, clusterOf } from '../config/config.ts';
import type { Actor } from '../incidents/actor.ts';
import type { NewClusterEvent } from '../incidents/cluster-event.ts';
import { clusterKind, clusterStream } from '../incidents/cluster-stream.ts';
import type { NewEvent } from '../incidents/event.ts';
import type { IncidentState, PlanState } from '../incidents/state.ts';
import { incidentKind, incidentStream } from '../incidents/stream.ts';
import type { Clicker } from '../slack/desk.ts';
import type { SlackPort } from '../slack/slack-port.ts';
import type { Write } from '../store/ledger-types.ts';
import type { Deps } from './deps.ts';
import { refusalKey } from './keys.ts';

export type Deciding = Deps & { readonly users: Pick<SlackPort, 'user'> };
export type Known = { readonly actor: Actor; readonly cluster: ClusterConfig };

/** Who clicked and may they: asked of Slack at this moment. A sentence when they may not. */
export async function whoDecides(
  deps: Deciding,
  state: Pick<IncidentState, 'cluster'>,
  clicker: Clicker,
  needs: 'operator' | 'admin',
): Promise<Known | { readonly because: string; readonly actor: Actor }> {
  const cluster = clusterOf(deps.config, state.cluster);
  const stranger = actorOf({ ...clicker, name: clicker.userId });
  if (cluster === undefined) return { because: 'This cluster is not configured any more.', actor: stranger };
  if (clicker.teamId !== deps.config.slack.team) {
    return { because: 'You belong to another Slack workspace.', actor: stranger };
  }
  const user = await deps.users.user(clicker.userId);
  if (!user.ok) return { because: 'Slack did not say who you are, so nothing was done. Click again.', actor: stranger };
  const person: Person = user.value;
  const actor = actorOf({ userId: person.id, teamId: person.teamId, name: person.name });
  const because = mayDecide(person, deps.config.slack.team, cluster, needs);
  return because === undefined ? { actor, cluster } : { because, actor };
}

/** One sentence; '' of a cluster that is not configured any more. */
export function whoCanIn({ config }: Pick<Deps, 'config'>, name: string, { identity }: PlanState): string {
  const cluster = clusterOf(config, name);
  return cluster === undefined ? '' : whoCan(cluster, identity);
}

const actorOf = ({ userId, teamId, name }: Clicker & { readonly name: string }): Actor => {
  return { kind: 'person', id: userId, team: teamId, name };
};

/** Records that somebody was told no; of one person and one thing at most one event per minute. */
export async function recordRefusal(
  deps: Deciding,
  incidentId: string,
  actor: Actor,
  what: string,
  because: string,
  planId = '',
): Promise<void> {
  const recorded = await deps.ledger.change(incidentKind, incidentStream(incidentId), async (state, at) => {
    const key = refusalKey(incidentId, actor.id, at.slice(0, 16), `${planId}#${what}`);
    const isKnown = (await deps.items.get(key)) !== undefined;
    if (state === undefined || isKnown) return { events: [], result: undefined };
    const data = { what, because, planId };
    const event: NewEvent = { type: 'person_refused', actor, cluster: state.cluster, node: state.node, data };
    const expiresAtS = Math.floor(Date.parse(at) / 1000) + 3600;
    return {
      events: [event],
      writes: [{ do: 'put', key, attributes: { at }, when: { is: 'absent' }, expiresAtS }],
      result: undefined,
    };
  });
  // the person is told no all the same: a refusal needs no record to hold
  if (!recorded.ok) deps.log('refusal_not_recorded', { incident: incidentId, what, because: recorded.error.code });
}

/** The same on the stream of a cluster, for what is asked of a whole one. */
export async function recordClusterRefusal(
  deps: Deciding,
  cluster: string,
  actor: Actor,
  what: string,
  because: string,
): Promise<void> {
  const stream = clusterStream(cluster);
  const recorded = await deps.ledger.change(clusterKind, stream, async (_state, at) => {
    const key = refusalKey(stream, actor.id, at.slice(0, 16), what);
    if ((await deps.items.get(key)) !== undefined) return { events: [], result: undefined };
    const event: NewClusterEvent = { type: 'person_refused', actor, cluster, node: '', data: { what, because } };
    const expiresAtS = Math.floor(Date.parse(at) / 1000) + 3600;
    const write: Write = { do: 'put', key, attributes: { at }, when: { is: 'absent' }, expiresAtS };
    return { events: [event], writes: [write], result: undefined };
  });
  if (!recorded.ok) deps.log('refusal_not_recorded', { cluster, what, because: recorded.error.code });
}
