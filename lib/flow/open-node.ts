import type { NewEvent } from '../incidents/event.ts';
import { incidentKind, incidentStream } from '../incidents/stream.ts';
import type { Clicker, DeskAnswer } from '../slack/desk.ts';
import { readInventory } from './inventory.ts';
import { openIncidentKey } from './keys.ts';
import { type Deciding, recordRefusal, whoDecides } from './people.ts';

const STORE_DOWN = 'The record could not be written, so nothing was done. Try again in a moment.';

/** Opens an incident of its own for a node that the incident of its cluster names; its diagnosis follows by itself. */
export async function diagnoseNode(
  deps: Deciding,
  incidentId: string,
  node: string,
  clicker: Clicker,
): Promise<DeskAnswer<void>> {
  const seen = await deps.ledger.read(incidentKind, incidentStream(incidentId));
  if (seen === undefined) return { ok: false, error: { because: 'This incident is not known.' } };
  const { cluster } = seen;
  const who = await whoDecides(deps, seen, clicker, 'operator');
  const refuse = async (because: string): Promise<DeskAnswer<void>> => {
    await recordRefusal(deps, incidentId, who.actor, `Diagnose ${node}`, because);
    return { ok: false, error: { because } };
  };
  if ('because' in who) return refuse(who.because);
  const isKnown = (await readInventory(deps, cluster)).some(({ name }) => name === node);
  if (!isKnown) return refuse('This node is not in the inventory any more.');
  const id = `inc-${deps.newId()}`;
  const key = openIncidentKey(cluster, `NODE#${node}`);
  const opened = await deps.ledger.change(incidentKind, incidentStream(id), async () => {
    if ((await deps.items.get(key)) !== undefined) return { events: [], result: false };
    const base = { actor: who.actor, cluster, node };
    const events: readonly NewEvent[] = [
      { ...base, type: 'incident_opened', data: { id, subject: 'node' } },
      { ...base, type: 'diagnosis_wanted', data: { because: `${who.actor.name} asked for it after a patrol` } },
    ];
    const write = { do: 'put' as const, key, attributes: { incident: id }, when: { is: 'absent' as const } };
    return { events, writes: [write], result: true };
  });
  if (!opened.ok) return { ok: false, error: { because: STORE_DOWN } };
  return opened.value
    ? { ok: true, value: undefined }
    : refuse('This node has an open incident already: see its card.');
}
