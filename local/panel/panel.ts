import { type Html, html } from '../../lib/audit/pages/html.ts';
import { page } from '../../lib/audit/pages/page.ts';
import { table, tag } from '../../lib/audit/pages/parts.ts';
import { clock, timeTag } from '../../lib/audit/pages/time.ts';
import type { JournalLine } from '../../simulator/world.ts';
import type { PanelNode } from './world-state.ts';

export type Panel = {
  readonly scenarios: readonly { readonly name: string; readonly summary: string }[];
  readonly nodes: readonly PanelNode[];
  /** Oldest first, as in the file. */
  readonly journal: readonly JournalLine[];
  /** Name of the scenario that is loaded; empty: none. */
  readonly current: string;
  readonly links: readonly { readonly label: string; readonly href: string }[];
};
export type PanelLive = Pick<Panel, 'nodes' | 'journal' | 'current'>;

/** `GET /local/panel`, sent with `scriptedHeaders`. Its forms work without scripts; `panelScript` keeps it current. */
export function renderPanel(panel: Panel): string {
  return page({
    title: 'Panel',
    trail: [{ label: 'Talos Medic panel', href: '/local/panel' }, ...panel.links],
    viewer: undefined,
    script: '/local/panel.js',
    body: html`<h1>Break a node</h1>
<p class="lead">Each button puts the simulated cluster into a state that was seen in real incidents and sends the alert that Alertmanager would send. What follows is decided by the nodes, not by this page.</p>
<div class="grid">${panel.scenarios.map((scenario) => scenarioCard(scenario, panel.current))}</div>
<section><h2>The alert resolves</h2>
<p>Alertmanager says that it is over. Medic closes the incident only when Talos agrees.</p>
<form method="post" action="/local/resolve"><button class="quiet-button">Send the resolve</button></form></section>
<div id="live">${live(panel)}</div>
<noscript><p><a href="/local/panel">Look again</a></p></noscript>`,
  });
}

/** `GET /local/panel/state`: the part of the page that changes, as the script puts it in. */
export const renderPanelLive = (panel: PanelLive): string => live(panel).toString();

const scenarioCard = ({ name, summary }: Panel['scenarios'][number], current: string) =>
  html`<article class="card"><h3>${name}</h3><p class="soft">${summary}</p>
<form method="post" action="/local/scenario"><input type="hidden" name="name" value="${name}">
<button${name === current ? html` class="quiet-button"` : undefined}>${name === 'healthy' ? 'Make all nodes healthy' : 'Break it and send the alert'}</button></form></article>`;

function live({ nodes, journal, current }: PanelLive): Html {
  return html`<section><h2>Nodes${current === '' ? undefined : html` <span class="soft">after ${current}</span>`}</h2>
${
  nodes.length === 0
    ? html`<p class="soft">The simulated cluster does not answer yet.</p>`
    : table(['Node', 'Stage', 'Version', 'Services', 'etcd name', 'Last actions'], nodes.map(nodeRow))
}</section>
<section><h2>Calls that change something</h2>
<p class="soft">Every mutating call that reached a node, newest first, as the nodes wrote it down.</p>
${journal.length === 0 ? html`<p class="soft">None so far.</p>` : table(['Time', 'Node', 'Call', 'Outcome'], journal.slice(-LINES).reverse().map(journalRow))}</section>`;
}
/** Enough to see a whole repair; the file has the rest. */
const LINES = 30;

const nodeRow = (node: PanelNode) => [
  html`${node.name}<br><span class="soft small">${node.role}<br>${node.address}</span>`,
  tag(node.stage || 'unknown', STAGE_TONES[node.stage] ?? 'wait'),
  node.version,
  servicesByState(node.services),
  node.etcdName,
  html`${node.lastActions.slice(-3).map((line) => html`${line}<br>`)}`,
];

/** Six nodes fit a screen only when those that do well share a line. */
function servicesByState(services: PanelNode['services']): Html {
  const states = [...new Set(services.map(({ state }) => state))];
  return html`${states.map((state) => {
    const ids = services.filter((one) => one.state === state).map(({ id }) => id);
    return html`<span class="soft">${state.toLowerCase()}:</span> ${ids.join(', ')}<br>`;
  })}`;
}

const STAGE_TONES: Readonly<Record<string, 'good' | 'bad'>> = { running: 'good', maintenance: 'bad', off: 'bad' };

const journalRow = ({ at, node, method, roles, request, dryRun, outcome }: JournalLine) => [
  timeTag(at, clock(at)),
  node,
  html`${method}${dryRun ? html` ${tag('dry run', 'plain')}` : undefined}<br>
<code class="soft">${JSON.stringify(request)}</code><br><span class="soft small">${roles.length === 0 ? 'no certificate' : roles.join(', ')}</span>`,
  outcome === 'accepted' ? tag(outcome, 'good') : html`${tag('refused', 'bad')} ${outcome}`,
];
