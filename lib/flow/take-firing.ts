import type { Target } from '../alerts/find-entry.ts';
import { firesAgain } from '../alerts/fires-again.ts';
import { alertmanager } from '../incidents/actor.ts';
import type { NewEvent } from '../incidents/event.ts';
import { incidentKind, incidentStream } from '../incidents/stream.ts';
import type { InventoryEntry } from '../inventory/entry.ts';
import type { Write } from '../store/ledger-types.ts';
import {
  type AlertAbout,
  DEDUPE_S,
  endOf,
  firedData,
  isLastResolve,
  NEVER_IDENTIFIED,
  pointerWrite,
  resolvedData,
  TRIES,
  touch,
  unchanged,
} from './alert-records.ts';
import type { Deps } from './deps.ts';
import { readInventory } from './inventory.ts';
import { alertKey, openIncidentKey } from './keys.ts';

type Find = (entries: readonly InventoryEntry[]) => Target;

/** Opens an incident, or adds to the one that is open for the subject; a repeat only moves `lastSeenAt`. False: not stored. */
export async function takeFiring(deps: Deps, about: AlertAbout, find: Find): Promise<boolean> {
  const { cluster, alert } = about;
  const key = alertKey(cluster, alert.fingerprint, alert.startsAt, 'firing');
  const endKey = alertKey(cluster, alert.fingerprint, alert.startsAt, 'resolved');
  const target = find(await readInventory(deps, cluster));
  const subject = target.found === 'entry' ? `NODE#${target.entry.name}` : `UNRESOLVED#${alert.fingerprint}`;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const [seen, ended] = await Promise.all([deps.items.get(key), deps.items.get(endKey)]);
    const isAgain = ended !== undefined && firesAgain(endOf(ended), deps.now().toISOString());
    if (seen !== undefined && !isAgain) return touch(deps, seen);
    const pointer = await deps.items.get(openIncidentKey(cluster, subject));
    const id = pointer === undefined ? `inc-${deps.newId()}` : String(pointer.attributes['incident']);
    const stored = await storeFiring(deps, about, { id, subject, isNew: pointer === undefined, target });
    if (stored !== 'moved') return stored === 'stored';
  }
  return false;
}

type Place = { readonly id: string; readonly subject: string; readonly isNew: boolean; readonly target: Target };

async function storeFiring(deps: Deps, about: AlertAbout, place: Place): Promise<'stored' | 'moved' | 'failed'> {
  const { cluster, alert } = about;
  const { id, subject, isNew, target } = place;
  const pointerKey = openIncidentKey(cluster, subject);
  const firingKey = alertKey(cluster, alert.fingerprint, alert.startsAt, 'firing');
  const resolvedKey = alertKey(cluster, alert.fingerprint, alert.startsAt, 'resolved');
  const node = target.found === 'entry' ? target.entry.name : '';
  const changed = await deps.ledger.change(incidentKind, incidentStream(id), async (state, at) => {
    const [pointer, firing, resolved] = await Promise.all([
      deps.items.get(pointerKey),
      deps.items.get(firingKey),
      deps.items.get(resolvedKey),
    ]);
    const isStillThere = isNew ? pointer === undefined : pointer?.attributes['incident'] === id && state !== undefined;
    const isAgain = resolved !== undefined && firesAgain(endOf(resolved), at);
    if ((firing !== undefined && !isAgain) || !isStillThere) return { events: [], result: 'moved' as const };
    // it was resolved before it was heard of: both are told at once
    const end = isAgain ? undefined : resolved;
    const base = { actor: alertmanager(about.receiver), cluster, node };
    const closes = end !== undefined && target.found !== 'entry' && isLastResolve(state, alert);
    const opened: NewEvent = {
      ...base,
      type: 'incident_opened',
      data: { id, subject: target.found === 'entry' ? 'node' : 'unresolved' },
    };
    const events: readonly NewEvent[] = [
      ...(isNew ? [opened] : []),
      { ...base, type: 'alert_fired', data: firedData(about) },
      ...(end
        ? [{ ...base, type: 'alert_resolved' as const, data: { ...resolvedData(alert), endsAt: endOf(end).endsAt } }]
        : []),
      ...(closes ? [{ ...base, type: 'incident_closed' as const, data: NEVER_IDENTIFIED }] : []),
    ];
    const endedAt = isAgain && resolved ? { endedAt: endOf(resolved).endsAt } : {};
    const seenAt = { incident: id, firstSeenAt: at, lastSeenAt: at, ...endedAt };
    const expiresAtS = Math.floor(Date.parse(at) / 1000) + DEDUPE_S;
    const writes: readonly Write[] = [
      {
        do: 'put',
        key: firingKey,
        attributes: seenAt,
        when: firing ? unchanged(firing) : { is: 'absent' },
        expiresAtS,
      },
      pointerWrite(pointerKey, id, isNew, closes, at),
      resolved
        ? { do: isAgain ? 'delete' : 'check', key: resolvedKey, when: unchanged(resolved) }
        : { do: 'check', key: resolvedKey, when: { is: 'absent' } },
    ];
    return { events, writes, result: 'stored' as const };
  });
  if (changed.ok) return changed.value;
  deps.log('alert_not_stored', { cluster, fingerprint: alert.fingerprint, because: changed.error.code });
  return 'failed';
}
