import type { Ended } from '../alerts/fires-again.ts';
import type { Alert } from '../alerts/payload.ts';
import type { IncidentState } from '../incidents/state.ts';
import { whole } from '../incidents/whole-text.ts';
import type { Condition, Key, StoredItem, Write } from '../store/ledger-types.ts';
import type { Deps } from './deps.ts';

export type AlertAbout = {
  readonly cluster: string;
  readonly alert: Alert;
  readonly receiver: string;
  readonly groupKey: string;
};

/** Dedupe items outlive any repeat of Alertmanager. */
export const DEDUPE_S = 14 * 24 * 3600;
/** Losing this many races for one subject in a row means that something else is wrong. */
export const TRIES = 12;

/** `openedAt`: of a new incident, where it is left open. */
export function pointerWrite(key: Key, incident: string, isNew: boolean, closes: boolean, openedAt: string): Write {
  if (isNew && closes) return { do: 'check', key, when: { is: 'absent' } };
  if (isNew) return { do: 'put', key, attributes: { incident, openedAt }, when: { is: 'absent' } };
  return { do: closes ? 'delete' : 'check', key, when: { is: 'equal', equals: { incident } } };
}

/** Where no node is known, nobody but Alertmanager can say that it is over. */
export const NEVER_IDENTIFIED = {
  because: 'Alertmanager says resolved. The node was never identified, so Talos was not asked.',
};
export const isLastResolve = (state: IncidentState | undefined, { fingerprint, startsAt }: Alert): boolean =>
  (state?.alerts ?? []).every(
    (known) => known.status === 'resolved' || (known.fingerprint === fingerprint && known.startsAt === startsAt),
  );

export const putResolve = (key: Key, incident: string, at: string, endsAt: string): Write => ({
  do: 'put',
  key,
  attributes: { incident, firstSeenAt: at, lastSeenAt: at, endsAt },
  when: { is: 'absent' },
  expiresAtS: Math.floor(Date.parse(at) / 1000) + DEDUPE_S,
});

/** Of a kept resolve. One of before `endsAt` was kept ended when it was heard. */
export function endOf({ attributes }: StoredItem): Ended {
  const heardAt = String(attributes['firstSeenAt']);
  return { endsAt: String(attributes['endsAt'] ?? heardAt), heardAt };
}

/** A repeat only moves `lastSeenAt`; what makes it another item moves `firstSeenAt` too. */
export const unchanged = ({ attributes }: StoredItem): Condition => ({
  is: 'equal',
  equals: { firstSeenAt: attributes['firstSeenAt'] ?? '' },
});

/** A repeat: only `lastSeenAt` moves. */
export async function touch(deps: Deps, item: StoredItem): Promise<boolean> {
  const at = deps.now().toISOString();
  const expiresAtS = Math.floor(Date.parse(at) / 1000) + DEDUPE_S;
  const attributes = { ...item.attributes, lastSeenAt: at };
  await deps.items.write({
    do: 'put',
    key: { pk: item.pk, sk: item.sk },
    attributes,
    when: unchanged(item),
    expiresAtS,
  });
  return true;
}

/** Text of alerts is hostile and may be long: what is stored of it is cut. */
const CUT = 500;
const cut = (text: string) => whole(text.length <= CUT ? text : `${text.slice(0, CUT)}…`);
const MAX_LABELS = 40;

export const firedData = ({ alert, receiver, groupKey }: AlertAbout) => ({
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
export const resolvedData = (alert: Alert) => ({
  alertname: cut(alert.labels['alertname'] ?? ''),
  fingerprint: alert.fingerprint,
  startsAt: alert.startsAt,
  endsAt: alert.endsAt,
});
