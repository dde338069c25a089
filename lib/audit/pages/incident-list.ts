import type { IncidentState } from '../../incidents/state.ts';
import { type Html, html } from './html.ts';
import { incidentPath } from './incident.ts';
import { page, type Viewer } from './page.ts';
import { tag } from './parts.ts';
import { timeTag, utc } from './time.ts';
import { headline, plansOf, verdictOf } from './words.ts';

/** Every incident that is given, in the given order (newest first by convention). */
export function renderIncidentList(incidents: readonly IncidentState[], viewer: Viewer): string {
  return page({
    title: 'Incidents',
    trail: [
      { label: 'Talos Medic audit', href: '/audit' },
      { label: 'Incidents', href: '/audit/incidents' },
    ],
    viewer,
    body: html`<h1>Incidents</h1>${rows(incidents)}`,
  });
}

/** Where a reviewer starts: how many, how they ended, the latest ones. */
export function renderAuditHome({ incidents, viewer }: AuditHome): string {
  const verdicts = incidents.flatMap((state) => plansOf(state).map(({ verdict }) => verdict));
  const numbers: readonly (readonly [string, number])[] = [
    ['Open', incidents.filter(({ status }) => status !== 'closed').length],
    ['Closed', incidents.filter(({ status }) => status === 'closed').length],
    ['Repairs verified', verdicts.filter((verdict) => verdict === 'verified').length],
    ['Not verified', verdicts.filter((verdict) => verdict !== undefined && verdict !== 'verified').length],
  ];
  return page({
    title: 'Audit',
    trail: [{ label: 'Talos Medic audit', href: '/audit' }],
    viewer,
    body: html`<h1>Audit</h1>
<p class="lead">What happened to the nodes, who decided, what was done, and what proves it.</p>
<dl class="numbers">${numbers.map(([label, count]) => html`<div><dt>${label}</dt><dd>${count}</dd></div>`)}</dl>
<h2>Latest incidents</h2>${rows(incidents.slice(0, LATEST))}
${incidents.length > LATEST ? html`<p><a href="/audit/incidents">All ${incidents.length} incidents</a></p>` : undefined}`,
  });
}
export type AuditHome = { readonly incidents: readonly IncidentState[]; readonly viewer: Viewer };
const LATEST = 10;

function rows(incidents: readonly IncidentState[]): Html {
  if (incidents.length === 0) return html`<p class="soft">No incident has been recorded yet.</p>`;
  return html`<ol class="rows">${incidents.map((state) => {
    const verdict = verdictOf(state);
    return html`<li><a href="${incidentPath(state.id)}">${timeTag(state.openedAt, utc(state.openedAt).replace(' UTC', ''))}
<span class="name">${state.node || 'Unproven target'} <span class="soft">in ${state.cluster}</span></span>
<span class="what">${headline(state)}</span>
<span class="tags">${tag(state.status)}${verdict && tag(verdict)}</span></a></li>`;
  })}</ol>
<p class="soft small">Times in UTC.</p>`;
}
