import type { Plan } from '../../approvals/plan.ts';
import type { Diagnosis, IncidentState } from '../../incidents/state.ts';
import type { PageOf } from '../../playbooks/page-url.ts';
import { diagnosisSection } from './diagnosis-section.ts';
import { row } from './event-text.ts';
import { type Html, html } from './html.ts';
import { milestones } from './milestones.ts';
import { page, type Viewer } from './page.ts';
import { facts, tag } from './parts.ts';
import { planSection } from './plan-section.ts';
import { between, utc } from './time.ts';
import { type AuditRecord, type ChainStatus, chainNote, type ReadRecord, readRecord, timeline } from './timeline.ts';
import { headline, plansOf, verdictOf } from './words.ts';

export type IncidentPage = {
  readonly state: IncidentState;
  readonly events: readonly AuditRecord[];
  readonly chain: ChainStatus;
  readonly viewer: Viewer;
  /** Where a finding is explained. */
  readonly pageOf?: PageOf;
};

/** The whole record of one incident, for a reviewer who was not there. */
export function renderIncident({ state, events, chain, viewer, pageOf }: IncidentPage): string {
  const records = events.map(readRecord);
  const verdict = verdictOf(state);
  const plans = plansOf(state);
  const diagnosis = decisiveDiagnosis(state, records);
  const cause = headline(state, diagnosis);
  return page({
    title: `${state.node || state.id}: ${cause}`,
    trail: [
      { label: 'Talos Medic audit', href: '/audit' },
      { label: 'Incidents', href: '/audit/incidents' },
      { label: state.node || state.id, href: incidentPath(state.id) },
    ],
    viewer,
    body: html`<p class="kicker">Incident <span class="mono">${state.id}</span></p>
<h1>${state.node || 'Unproven target'} <span class="soft">in ${state.cluster}</span></h1>
<p class="lead">${cause}</p>
<p class="tags">${tag(state.status)}${verdict && tag(verdict)}${verdict === undefined && state.status === 'closed' ? tag('no action taken', 'plain') : undefined}</p>
${chainNote(chain)}
${facts(overview(state))}
${milestones(records)}
${diagnosis && diagnosisSection(diagnosis, pageOf ?? noPage)}
${plans.length === 0 ? undefined : html`<section><h2>Plans</h2>${plans.map((plan) => planSection(plan, frozenPlan(records, plan.id)))}</section>`}
${timelineSection(records, chain)}`,
  });
}

const noPage: PageOf = () => undefined;

export const incidentPath = (id: string): string => `/audit/incidents/${encodeURIComponent(id)}`;

const overview = (state: IncidentState) => [
  ...state.alerts.map(({ alertname, status, startsAt }) =>
    row('Alert', `${alertname}, ${status}, since ${utc(startsAt)}`),
  ),
  row('Opened', utc(state.openedAt)),
  ...(state.closedAt === undefined
    ? []
    : [
        row(
          'Closed',
          `${utc(state.closedAt)}, after ${between(state.openedAt, state.closedAt)}: ${state.closedBecause ?? ''}`,
        ),
      ]),
];

/** The diagnosis that the last plan rests on; a later one that finds all well must not hide the cause. */
function decisiveDiagnosis(state: IncidentState, records: readonly ReadRecord[]): Diagnosis | undefined {
  const digest = plansOf(state).findLast((plan) => plan.digest !== '')?.digest;
  const diagnoses = records.flatMap(({ event }) =>
    event?.type === 'diagnosis_finished' ? [{ ...event.data, at: event.at }] : [],
  );
  return (
    diagnoses.findLast((one) => one.digest === digest) ??
    diagnoses.findLast(({ findings }) => findings.length > 0) ??
    state.diagnosis
  );
}

/** As people were shown it: from the record, not from the state. */
function frozenPlan(records: readonly ReadRecord[], planId: string): Plan | undefined {
  for (const { event } of records) {
    if (event?.type === 'plan_ready' && event.data.planId === planId) return event.data.plan;
  }
  return undefined;
}

const timelineSection = (records: readonly ReadRecord[], chain: ChainStatus): Html =>
  html`<section><h2 id="timeline">Timeline</h2>
<p class="soft small">Times in UTC${records[0]?.event && `, from ${utc(records[0].event.at)}`}. Each event opens to everything that was recorded.</p>
${timeline(records, chain)}</section>`;
