import { clusterOf } from '../config/config.ts';
import type { NewClusterEvent } from '../incidents/cluster-event.ts';
import { clusterKind, clusterStream } from '../incidents/cluster-stream.ts';
import type { Clicker, ClusterCommand, DeskAnswer } from '../slack/desk.ts';
import type { Decision, Write } from '../store/ledger-types.ts';
import { freezeKey } from './keys.ts';
import { type Deciding, type Known, recordClusterRefusal, whoDecides } from './people.ts';
import { readFreeze } from './standing.ts';
import { needsOf, type Outcome, takeOver } from './take-over.ts';

/** What is kept of a reason. */
const REASON = 500;
const STORE_DOWN = 'The record could not be written, so nothing was done. Try again in a moment.';

/** What a person types about a whole cluster: rights first, then one transaction with its event. */
export async function clusterCommand(
  deps: Deciding,
  name: ClusterCommand,
  cluster: string,
  clicker: Clicker,
  typed: string,
): Promise<DeskAnswer<string>> {
  if (clusterOf(deps.config, cluster) === undefined) {
    return { ok: false, error: { because: 'Medic knows no cluster of that name. Nothing was changed.' } };
  }
  const needs = name === 'takeover' ? await needsOf(deps, cluster) : 'operator';
  const who = await whoDecides(deps, { cluster }, clicker, needs);
  const outcome = 'because' in who ? who : await commands[name](deps, who, typed.slice(0, REASON));
  if ('says' in outcome) return { ok: true, value: outcome.says };
  await recordClusterRefusal(deps, cluster, who.actor, `/medic ${name}`, outcome.because);
  return { ok: false, error: { because: outcome.because } };
}

type Command = (deps: Deciding, who: Known, reason: string) => Promise<Outcome>;
const commands: Readonly<Record<ClusterCommand, Command>> = { freeze, unfreeze, takeover: takeOver };

async function freeze(deps: Deciding, { actor, cluster: { name } }: Known, reason: string): Promise<Outcome> {
  return change(deps, name, async (at) => {
    const before = await readFreeze(deps, name);
    if (before !== undefined) return no(`${before.by} froze ${name} at ${before.at} already: ${before.reason}`);
    const event: NewClusterEvent = { type: 'cluster_frozen', actor, cluster: name, node: '', data: { reason } };
    const attributes = { by: actor.name, reason, at };
    const write: Write = { do: 'put', key: freezeKey(name), attributes, when: { is: 'absent' } };
    const says = `${actor.name} froze ${name}: ${reason}. Medic looks and reports, and does nothing there until somebody types /medic unfreeze ${name} and a reason.`;
    return { events: [event], writes: [write], result: { says } };
  });
}

async function unfreeze(deps: Deciding, { actor, cluster: { name } }: Known, reason: string): Promise<Outcome> {
  return change(deps, name, async () => {
    const before = await readFreeze(deps, name);
    if (before === undefined) return no(`${name} is not frozen.`);
    const event: NewClusterEvent = { type: 'cluster_unfrozen', actor, cluster: name, node: '', data: { reason } };
    const write: Write = {
      do: 'delete',
      key: freezeKey(name),
      when: { is: 'equal', equals: { by: before.by, reason: before.reason, at: before.at } },
    };
    const says = `${actor.name} ended the freeze of ${name}: ${reason}. "Diagnose again" brings the buttons back to cards that are open.`;
    return { events: [event], writes: [write], result: { says } };
  });
}

type Choose = (at: string) => Promise<Decision<NewClusterEvent, Outcome>>;
async function change(deps: Deciding, cluster: string, choose: Choose): Promise<Outcome> {
  const changed = await deps.ledger.change(clusterKind, clusterStream(cluster), (_state, at) => choose(at));
  return changed.ok ? changed.value : { because: STORE_DOWN };
}
const no = (because: string): Decision<NewClusterEvent, Outcome> => ({ events: [], result: { because } });
