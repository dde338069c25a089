import { isEndOfBefore } from '../alerts/fires-again.ts';
import { alertmanager } from '../incidents/actor.ts';
import { clusterKind, clusterStream } from '../incidents/cluster-stream.ts';
import type { NewEvent } from '../incidents/event.ts';
import { incidentKind, incidentStream } from '../incidents/stream.ts';
import type { StoredItem, Write } from '../store/ledger-types.ts';
import {
  type AlertAbout,
  isLastResolve,
  NEVER_IDENTIFIED,
  pointerWrite,
  putResolve,
  resolvedData,
  TRIES,
  touch,
  unchanged,
} from './alert-records.ts';
import type { Deps } from './deps.ts';
import { alertKey, openIncidentKey } from './keys.ts';

/** Pairs the resolve with its incident, or keeps it until the firing comes. False: not stored. */
export async function takeResolved(deps: Deps, about: AlertAbout): Promise<boolean> {
  const { cluster, alert } = about;
  const resolvedKey = alertKey(cluster, alert.fingerprint, alert.startsAt, 'resolved');
  const firingKey = alertKey(cluster, alert.fingerprint, alert.startsAt, 'firing');
  for (let tries = 0; tries < TRIES; tries += 1) {
    const [seen, firing] = await Promise.all([deps.items.get(resolvedKey), deps.items.get(firingKey)]);
    if (seen !== undefined) return touch(deps, seen);
    const before = firing?.attributes['endedAt'];
    if (firing !== undefined && before !== undefined && isEndOfBefore(alert.endsAt, String(before))) {
      return true; // told already
    }
    const stored = firing === undefined ? await keepResolve(deps, about) : await pair(deps, about, firing);
    if (stored !== 'moved') return stored === 'stored';
  }
  return false;
}

async function pair(deps: Deps, about: AlertAbout, firing: StoredItem): Promise<'stored' | 'moved' | 'failed'> {
  const { cluster, alert } = about;
  const id = String(firing.attributes['incident']);
  const key = alertKey(cluster, alert.fingerprint, alert.startsAt, 'resolved');
  // it has not fired again meanwhile, in another incident
  const firesStill: Write = { do: 'check', key: { pk: firing.pk, sk: firing.sk }, when: unchanged(firing) };
  const changed = await deps.ledger.change(incidentKind, incidentStream(id), async (state, at) => {
    const [seen, now] = await Promise.all([deps.items.get(key), deps.items.get(firing)]);
    const isSame = now?.attributes['firstSeenAt'] === firing.attributes['firstSeenAt'];
    if (seen !== undefined || !isSame || state === undefined) return { events: [], result: 'moved' as const };
    const actor = alertmanager(about.receiver);
    const base = { actor, cluster, node: state.node };
    const event: NewEvent = { ...base, type: 'alert_resolved', data: resolvedData(alert) };
    const writes = [putResolve(key, id, at, alert.endsAt), firesStill];
    const closes = state.subject === 'unresolved' && state.status !== 'closed' && isLastResolve(state, alert);
    if (!closes) return { events: [event], writes, result: 'stored' as const };
    const closed: NewEvent = { ...base, type: 'incident_closed', data: NEVER_IDENTIFIED };
    const pointer = openIncidentKey(cluster, `UNRESOLVED#${alert.fingerprint}`);
    return {
      events: [event, closed],
      writes: [...writes, pointerWrite(pointer, id, false, true, at)],
      result: 'stored' as const,
    };
  });
  return changed.ok ? changed.value : 'failed';
}

async function keepResolve(deps: Deps, about: AlertAbout): Promise<'stored' | 'moved' | 'failed'> {
  const { cluster, alert } = about;
  const key = alertKey(cluster, alert.fingerprint, alert.startsAt, 'resolved');
  const firingKey = alertKey(cluster, alert.fingerprint, alert.startsAt, 'firing');
  const changed = await deps.ledger.change(clusterKind, clusterStream(cluster), async (_state, at) => {
    const [seen, firing] = await Promise.all([deps.items.get(key), deps.items.get(firingKey)]);
    if (seen !== undefined || firing !== undefined) return { events: [], result: 'moved' as const };
    const base = { actor: alertmanager(about.receiver), cluster, node: '' };
    const event = { ...base, type: 'resolve_kept' as const, data: resolvedData(alert) };
    const writes: readonly Write[] = [
      putResolve(key, '', at, alert.endsAt),
      { do: 'check', key: firingKey, when: { is: 'absent' } },
    ];
    return { events: [event], writes, result: 'stored' as const };
  });
  return changed.ok ? changed.value : 'failed';
}
