import { DIAGNOSIS_ATTEMPTS } from '../../incidents/due-work.ts';
import { type IncidentState, isActing, isPending, type PlanState } from '../../incidents/state.ts';
import { en } from '../text/en.ts';

/** Where an incident stands, in two words, and the card's one marker. Words carry it all; the marker only helps the eye. */
export type Standing = { readonly marker: string; readonly says: string };

const MARKER = { bad: '🔴', warning: '🟠', waiting: '🟡', running: '🔵', good: '🟢', neutral: '⚪' } as const;

export function standingOf(state: IncidentState): Standing {
  const { standing } = en;
  if (state.status === 'closed') return { marker: MARKER.good, says: standing.closed };
  if (state.subject === 'unresolved') return { marker: MARKER.warning, says: standing.unresolved };
  const acting = planWith(state, isActing);
  if (acting) {
    return { marker: MARKER.running, says: acting.status === 'verifying' ? standing.verifying : standing.executing };
  }
  if (state.status !== 'diagnosed' || state.diagnosis === undefined) return beforeDiagnosis(state);
  if (isOutdated(state)) return { marker: MARKER.neutral, says: en.standing.again };
  const pending = mostAdvanced(state);
  if (pending) return { marker: MARKER.waiting, says: pendingSays(pending) };
  return ofDiagnosis(state, state.diagnosis);
}

function beforeDiagnosis(state: IncidentState): Standing {
  const { standing } = en;
  if (state.status === 'diagnosing') {
    return { marker: MARKER.neutral, says: state.diagnosis ? standing.again : standing.diagnosing };
  }
  if (state.diagnosisFailures >= DIAGNOSIS_ATTEMPTS) return { marker: MARKER.bad, says: standing.gaveUp };
  if (state.diagnosisFailures > 0) return { marker: MARKER.warning, says: standing.retrying };
  return { marker: MARKER.neutral, says: standing.open };
}

/** An action has ended since the node was last looked at: what was found and offered before it no longer counts. */
export const isOutdated = ({ diagnosis, plans }: IncidentState): boolean =>
  diagnosis !== undefined &&
  Object.values(plans).some(({ verdict, endedAt }) => verdict !== undefined && (endedAt ?? '') > diagnosis.at);

function ofDiagnosis({ status }: IncidentState, diagnosis: NonNullable<IncidentState['diagnosis']>): Standing {
  const { standing } = en;
  if (diagnosis.health === 'healthy' && status === 'diagnosed') return { marker: MARKER.good, says: standing.healthy };
  const top = diagnosis.findings[0]?.severity;
  const marker = top === 'critical' || top === undefined ? MARKER.bad : MARKER.warning;
  if (diagnosis.offers.some(({ answer }) => answer === 'allowed')) return { marker, says: standing.decide };
  return { marker, says: diagnosis.reach === 'silent' ? standing.silent : standing.person };
}

const planWith = (state: IncidentState, is: (plan: PlanState) => boolean): PlanState | undefined =>
  Object.values(state.plans).find(is);

/** Of several pending plans the one that is nearest to running speaks for the incident. */
function mostAdvanced(state: IncidentState): PlanState | undefined {
  const order = ['approved', 'awaiting', 'ready', 'preparing'] as const;
  const pending = Object.values(state.plans).filter(isPending);
  return order.map((status) => pending.find((plan) => plan.status === status)).find((plan) => plan !== undefined);
}

const pendingSays = ({ status }: PlanState): string => {
  if (status === 'approved') return en.standing.approved;
  if (status === 'awaiting') return en.standing.awaiting;
  return status === 'ready' ? en.standing.ready : en.standing.preparing;
};
