import { type Html, html } from '../../lib/audit/pages/html.ts';
import { page } from '../../lib/audit/pages/page.ts';
import { type CallsShown, callsSection } from './calls.ts';
import { nodesSection } from './nodes.ts';
import { type PanelScenario, scenarioGroups } from './scenarios.ts';
import type { PanelWorld } from './world-state.ts';

export type PanelLive = PanelWorld & { readonly calls: CallsShown };
export type Panel = PanelLive & {
  /** In the order in which they are shown. */
  readonly scenarios: readonly PanelScenario[];
  readonly links: readonly { readonly label: string; readonly href: string }[];
};

/** `GET /local/panel`, sent with `scriptedHeaders`. Its forms work without scripts; `panelScript` keeps it current. */
export function renderPanel(panel: Panel): string {
  return page({
    title: 'Panel',
    trail: [{ label: 'Talos Medic panel', href: '/local/panel' }, ...panel.links],
    viewer: undefined,
    script: '/local/panel.js',
    body: html`<h1>Break a node</h1>
<p class="lead">Each button puts the simulated cluster into a state that was seen in real incidents and sends the alert that Alertmanager would send. What follows is decided by the nodes, not by this page.</p>
<div class="orders">
<form method="post" action="/local/scenario"><input type="hidden" name="name" value="healthy"><button class="quiet-button">Make all nodes healthy</button></form>
<form method="post" action="/local/resolve"><button class="quiet-button">Send the resolve</button></form>
<p class="soft small">A resolve is what Alertmanager says when it is over. Medic closes the incident only when Talos agrees.</p>
</div>
${scenarioGroups(panel.scenarios, panel.current)}
<p id="stale" class="note wait" hidden>Medic does not answer. What stands below is how it was.</p>
<div id="live">${live(panel)}</div>
<noscript><p><a href="/local/panel">Look again</a></p></noscript>`,
  });
}

/** `GET /local/panel/state`: the part of the page that changes, as the script puts it in. */
export const renderPanelLive = (panel: PanelLive): string => live(panel).toString();

const live = ({ calls, ...world }: PanelLive): Html => html`${nodesSection(world)}
${callsSection(calls)}`;
