import type { Alert } from '../alerts/payload.ts';
import type { IncidentState } from '../incidents/state.ts';
import { whole } from '../incidents/whole-text.ts';
import type { Key, Write } from '../store/ledger-types.ts';
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

export function pointerWrite(key: Key, incident: string, isNew: boolean, closes: boolean): Write {
  if (isNew && closes) return { do: 'check', key, when: { is: 'absent' } };
  if (isNew) return { do: 'put', key, attributes: { incident }, when: { is: 'absent' } };
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

export const putResolve = (key: Write['key'], incident: string, at: string): Write => ({
  do: 'put',
  key,
  attributes: { incident, firstSeenAt: at, lastSeenAt: at },
  when: { is: 'absent' },
  expiresAtS: Math.floor(Date.parse(at) / 1000) + DEDUPE_S,
});

/** A repeat: only `lastSeenAt` moves. */
export async function touch(
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
