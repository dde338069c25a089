import { movesCard } from './event.ts';
import { foldPlan } from './fold-plan.ts';
import { milestoneOf } from './milestone.ts';
import type { FoundOn, PatrolGroup } from './patrol-report.ts';
import { type IncidentEvent, type IncidentState, isResolved } from './state.ts';
import { incidentTable } from './table.ts';

/** From state and event to state. Pure; throws on what the table refuses, because deciding comes before. */
export function fold(state: IncidentState | undefined, event: IncidentEvent): IncidentState {
  if (event.type === 'incident_opened') return opened(state, event);
  if (state === undefined) throw new Error(`${event.type} before incident_opened`);
  const milestone = milestoneOf(state, event);
  return {
    ...state,
    ...changeOf(state, event),
    ...('planId' in event.data && event.data.planId !== '' ? { plans: withPlan(state, event, event.data.planId) } : {}),
    status: statusAfter(state, event),
    seq: event.seq,
    cardSeq: movesCard(event.type) ? event.seq : state.cardSeq,
    threadDue: threadAfter(state, event, milestone),
  };
}

function opened(state: IncidentState | undefined, event: IncidentEvent & { type: 'incident_opened' }): IncidentState {
  if (state !== undefined) throw new Error(`incident ${state.id} was opened twice`);
  return {
    id: event.data.id,
    cluster: event.cluster,
    node: event.node,
    subject: event.data.subject,
    status: 'open',
    openedAt: event.at,
    closedAt: undefined,
    closedBecause: undefined,
    seq: event.seq,
    cardSeq: event.seq,
    alerts: [],
    diagnosisWanted: event.data.subject === 'cluster' ? undefined : 'the incident was opened',
    diagnosis: undefined,
    diagnosisFailures: 0,
    plans: {},
    card: undefined,
    cardIntended: undefined,
    threadDue: [],
  };
}

const withPlan = (state: IncidentState, event: IncidentEvent, planId: string): IncidentState['plans'] => ({
  ...state.plans,
  [planId]: foldPlan(state.plans[planId], event),
});

/** The rows of the table are for what it names; Slack effects and events that no row names keep the state. */
function statusAfter(state: IncidentState, event: IncidentEvent): IncidentState['status'] {
  const next = incidentTable[state.status][event.type];
  if (next !== undefined) return next;
  const isNamed = Object.values(incidentTable).some((row) => row[event.type] !== undefined);
  if (isNamed) {
    throw new Error(`${event.type} is not allowed while incident ${state.id} is ${state.status}`);
  }
  return state.status;
}

function threadAfter(state: IncidentState, event: IncidentEvent, milestone: string | undefined) {
  if (event.type === 'thread_posted') return state.threadDue.filter((due) => due.seq !== event.data.seq);
  if (milestone === undefined) return state.threadDue;
  const mentions = event.type === 'approvers_called' ? { mentions: event.data.users } : {};
  return [...state.threadDue, { seq: event.seq, text: milestone, ...mentions }];
}

function changeOf(state: IncidentState, event: IncidentEvent): Partial<IncidentState> {
  switch (event.type) {
    case 'alert_fired': {
      const { alertname, fingerprint, startsAt, severity, summary } = event.data;
      const others = state.alerts.filter((alert) => alert.fingerprint !== fingerprint || alert.startsAt !== startsAt);
      return {
        alerts: [...others, { alertname, fingerprint, startsAt, severity, summary, status: 'firing' }],
        diagnosisWanted: state.diagnosisWanted ?? `${alertname} fired`,
        looksSinceResolved: 0,
      };
    }
    case 'alert_resolved': {
      const { fingerprint, startsAt, alertname } = event.data;
      return {
        alerts: state.alerts.map((alert) =>
          alert.fingerprint === fingerprint && alert.startsAt === startsAt ? { ...alert, status: 'resolved' } : alert,
        ),
        diagnosisWanted: state.diagnosisWanted ?? `Alertmanager says that ${alertname} is resolved`,
        looksSinceResolved: 0,
      };
    }
    case 'diagnosis_wanted':
      return { diagnosisWanted: event.data.because, diagnosisFailures: 0 };
    case 'diagnosis_started':
      return { diagnosisWanted: undefined };
    case 'diagnosis_finished':
      return {
        diagnosis: { ...event.data, at: event.at },
        diagnosisFailures: 0,
        lookedAt: event.at,
        looksSinceResolved: isResolved(state) ? (state.looksSinceResolved ?? 0) + 1 : 0,
      };
    case 'diagnosis_failed':
      return {
        diagnosisFailures: state.diagnosisFailures + 1,
        diagnosisWanted: event.data.because,
        lookedAt: event.at,
      };
    case 'patrol_reported': {
      const gone = [...(state.patrol?.gone ?? []), ...event.data.gone];
      return { patrol: { ...event.data, gone: stillGone(gone, event.data.groups), at: event.at } };
    }
    case 'verdict_reached':
      return { diagnosisWanted: `the action ended ${event.data.verdict}` };
    case 'incident_closed':
      return { closedAt: event.at, closedBecause: event.data.because, diagnosisWanted: undefined };
    case 'incident_reopened':
      return { closedAt: undefined, closedBecause: undefined, diagnosisWanted: event.data.because };
    case 'card_intended':
      return { cardIntended: { channel: event.data.channel, at: event.at } };
    case 'card_posted':
      return { card: event.data, cardIntended: undefined };
    case 'card_updated':
      return state.card ? { card: { ...state.card, seq: event.data.seq } } : {};
    default:
      return {};
  }
}

/** What came back is there again and not gone; the newest of a long list are told. */
const GONE_KEPT = 50;
const stillGone = (gone: readonly FoundOn[], groups: readonly PatrolGroup[]): FoundOn[] =>
  gone
    .filter(({ code, node }) => !groups.some((group) => group.code === code && group.nodes.includes(node)))
    .slice(-GONE_KEPT);
