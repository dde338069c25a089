import type { Target } from '../alerts/find-entry.ts';
import type { Alert } from '../alerts/payload.ts';
import { alertmanager } from '../incidents/actor.ts';
import { clusterKind, clusterStream } from '../incidents/cluster-event.ts';
import type { NewEvent } from '../incidents/event.ts';
import type { IncidentState } from '../incidents/state.ts';
import { incidentKind, incidentStream } from '../incidents/stream.ts';
import { whole } from '../incidents/whole-text.ts';
import type { InventoryEntry } from '../inventory/entry.ts';
import type { Key, Write } from '../store/ledger-types.ts';
import type { Deps } from './deps.ts';
import { readInventory } from './inventory.ts';
import { alertKey, openIncidentKey } from './keys.ts';

export type AlertAbout = {
  readonly cluster: string;
  readonly alert: Alert;
  readonly receiver: string;
  readonly groupKey: string;
};
type Find = (entries: readonly InventoryEntry[]) => Target;

/** Dedupe items outlive any repeat of Alertmanager. */
const DEDUPE_S = 14 * 24 * 3600;
/** Losing this many races for one subject in a row means that something else is wrong. */
const TRIES = 12;

/** Opens an incident, or adds to the one that is open for the subject. False: not stored. */
export async function takeFiring(deps: Deps, about: AlertAbout, find: Find): Promise<boolean> {
  const { cluster, alert } = about;
  const key = alertKey(cluster, alert.fingerprint, alert.startsAt, 'firing');
  const target = find(await readInventory(deps, cluster));
  const subject = target.found === 'entry' ? `NODE#${target.entry.name}` : `UNRESOLVED#${alert.fingerprint}`;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const seen = await deps.items.get(key);
    if (seen !== undefined) return touch(deps, key, seen.attributes);
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
    if (firing !== undefined || !isStillThere) return { events: [], result: 'moved' as const };
    const base = { actor: alertmanager(about.receiver), cluster, node };
    const closes = resolved !== undefined && target.found !== 'entry' && isLastResolve(state, alert);
    const opened: NewEvent = {
      ...base,
      type: 'incident_opened',
      data: { id, subject: target.found === 'entry' ? 'node' : 'unresolved' },
    };
    const events: readonly NewEvent[] = [
      ...(isNew ? [opened] : []),
      { ...base, type: 'alert_fired', data: firedData(about) },
      ...(resolved ? [{ ...base, type: 'alert_resolved' as const, data: resolvedData(alert) }] : []),
      ...(closes ? [{ ...base, type: 'incident_closed' as const, data: NEVER_IDENTIFIED }] : []),
    ];
    const seenAt = { incident: id, firstSeenAt: at, lastSeenAt: at };
    const expiresAtS = Math.floor(Date.parse(at) / 1000) + DEDUPE_S;
    const writes: readonly Write[] = [
      { do: 'put', key: firingKey, attributes: seenAt, when: { is: 'absent' }, expiresAtS },
      pointerWrite(pointerKey, id, isNew, closes),
      { do: 'check', key: resolvedKey, when: { is: resolved ? 'present' : 'absent' } },
    ];
    return { events, writes, result: 'stored' as const };
  });
  if (changed.ok) return changed.value;
  deps.log('alert_not_stored', { cluster, fingerprint: alert.fingerprint, because: changed.error.code });
  return 'failed';
}

function pointerWrite(key: Key, incident: string, isNew: boolean, closes: boolean): Write {
  if (isNew && closes) return { do: 'check', key, when: { is: 'absent' } };
  if (isNew) return { do: 'put', key, attributes: { incident }, when: { is: 'absent' } };
  return { do: closes ? 'delete' : 'check', key, when: { is: 'equal', equals: { incident } } };
}

/** Where no node is known, nobody but Alertmanager can say that it is over. */
const NEVER_IDENTIFIED = {
  because: 'Alertmanager says resolved. The node was never identified, so Talos was not asked.',
};
const isLastResolve = (state: IncidentState | undefined, { fingerprint, startsAt }: Alert): boolean =>
  (state?.alerts ?? []).every(
    (known) => known.status === 'resolved' || (known.fingerprint === fingerprint && known.startsAt === startsAt),
  );

/** Pairs the resolve with its incident, or keeps it until the firing comes. False: not stored. */
export async function takeResolved(deps: Deps, about: AlertAbout): Promise<boolean> {
  const { cluster, alert } = about;
  const resolvedKey = alertKey(cluster, alert.fingerprint, alert.startsAt, 'resolved');
  const firingKey = alertKey(cluster, alert.fingerprint, alert.startsAt, 'firing');
  for (let tries = 0; tries < TRIES; tries += 1) {
    const [seen, firing] = await Promise.all([deps.items.get(resolvedKey), deps.items.get(firingKey)]);
    if (seen !== undefined) return touch(deps, resolvedKey, seen.attributes);
    const incident = firing?.attributes['incident'];
    const stored = incident === undefined ? await keepResolve(deps, about) : await pair(deps, about, String(incident));
    if (stored !== 'moved') return stored === 'stored';
  }
  return false;
}

async function pair(deps: Deps, about: AlertAbout, id: string): Promise<'stored' | 'moved' | 'failed'> {
  const { cluster, alert } = about;
  const key = alertKey(cluster, alert.fingerprint, alert.startsAt, 'resolved');
  const changed = await deps.ledger.change(incidentKind, incidentStream(id), async (state, at) => {
    const seen = await deps.items.get(key);
    if (seen !== undefined || state === undefined) return { events: [], result: 'moved' as const };
    const actor = alertmanager(about.receiver);
    const base = { actor, cluster, node: state.node };
    const event: NewEvent = { ...base, type: 'alert_resolved', data: resolvedData(alert) };
    const closes = state.subject === 'unresolved' && state.status !== 'closed' && isLastResolve(state, alert);
    if (!closes) return { events: [event], writes: [putResolve(key, id, at)], result: 'stored' as const };
    const closed: NewEvent = { ...base, type: 'incident_closed', data: NEVER_IDENTIFIED };
    const pointer = openIncidentKey(cluster, `UNRESOLVED#${alert.fingerprint}`);
    const writes = [putResolve(key, id, at), pointerWrite(pointer, id, false, true)];
    return { events: [event, closed], writes, result: 'stored' as const };
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
    const writes: readonly Write[] = [putResolve(key, '', at), { do: 'check', key: firingKey, when: { is: 'absent' } }];
    return { events: [event], writes, result: 'stored' as const };
  });
  return changed.ok ? changed.value : 'failed';
}

const putResolve = (key: Write['key'], incident: string, at: string): Write => ({
  do: 'put',
  key,
  attributes: { incident, firstSeenAt: at, lastSeenAt: at },
  when: { is: 'absent' },
  expiresAtS: Math.floor(Date.parse(at) / 1000) + DEDUPE_S,
});

/** A repeat: only `lastSeenAt` moves. */
async function touch(
  deps: Deps,
  key: Write['key'],
  attributes: Readonly<Record<string, string | number>>,
): Promise<boolean> {
  const at = deps.now().toISOString();
  const expiresAtS = Math.floor(Date.parse(at) / 1000) + DEDUPE_S;
  await deps.items.write({
    do: 'put',
    key,
    attributes: { ...attributes, lastSeenAt: at },
    when: { is: 'present' },
    expiresAtS,
  });
  return true;
}

/** Text of alerts is hostile and may be long: what is stored of it is cut. */
const CUT = 500;
const cut = (text: string) => whole(text.length <= CUT ? text : `${text.slice(0, CUT)}…`);
const MAX_LABELS = 40;

const firedData = ({ alert, receiver, groupKey }: AlertAbout) => ({
  alertname: cut(alert.labels['alertname'] ?? ''),
  fingerprint: alert.fingerprint,
  startsAt: alert.startsAt,
  severity: cut(alert.labels['severity'] ?? ''),
  summary: cut(alert.annotations['summary'] ?? ''),
  receiver: cut(receiver),
  groupKey: cut(groupKey),
  labels: Object.fromEntries(
    Object.entries(alert.labels)
      .slice(0, MAX_LABELS)
      .map(([name, value]) => [cut(name), cut(value)]),
  ),
});
const resolvedData = (alert: Alert) => ({
  alertname: cut(alert.labels['alertname'] ?? ''),
  fingerprint: alert.fingerprint,
  startsAt: alert.startsAt,
  endsAt: alert.endsAt,
});
