import type { IncidentState, PlanState } from '../../incidents/state.ts';

/** Colour of a word; never the only carrier of its meaning. */
export type Tone = 'plain' | 'good' | 'bad' | 'wait' | 'quiet';

const STATUS_TONES: Readonly<Record<string, Tone>> = {
  verified: 'good',
  unverified: 'bad',
  failed: 'bad',
  refused: 'bad',
  denied: 'bad',
  awaiting: 'wait',
  approved: 'wait',
  executing: 'wait',
  verifying: 'wait',
  acting: 'wait',
  allowed: 'good',
  deferred: 'wait',
  yes: 'good',
  no: 'bad',
  done: 'good',
  unknown: 'wait',
  critical: 'bad',
  warning: 'wait',
};
/** For any status, verdict, answer or severity that the records know. */
export const toneOf = (word: string): Tone => STATUS_TONES[word] ?? 'plain';

/** The one sentence that a reader looks for: the cause when it is known, else what the alert said. */
export function headline(state: IncidentState, diagnosis: IncidentState['diagnosis'] = state.diagnosis): string {
  const finding = diagnosis?.findings[0];
  if (finding !== undefined) return finding.summary;
  const alert = state.alerts.at(-1);
  if (state.patrol !== undefined) return state.patrol.groups[0]?.summary ?? 'Patrols find nothing any more.';
  return alert === undefined ? 'Nothing is known yet.' : alert.summary || alert.alertname;
}

export const plansOf = (state: IncidentState): readonly PlanState[] => Object.values(state.plans);

/** Verdict of the last plan that has one. */
export const verdictOf = (state: IncidentState): PlanState['verdict'] =>
  plansOf(state)
    .map(({ verdict }) => verdict)
    .findLast((verdict) => verdict !== undefined);
