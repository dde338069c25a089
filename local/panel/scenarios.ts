import { type Html, html } from '../../lib/audit/pages/html.ts';

export type PanelScenario = {
  readonly name: string;
  readonly summary: string;
  /** Scenarios of one heading follow each other. */
  readonly heading: string;
  /** Nothing is wrong with the nodes. */
  readonly isWell: boolean;
};

/** As many fit a screen or two; of more, one group is open and the others wait for a click or the filter. */
const ALL_OPEN_UP_TO = 15;

/** Every scenario with its button, by heading. The filter is for the script, so it stays hidden without. */
export function scenarioGroups(scenarios: readonly PanelScenario[], current: string): Html {
  const headings = [...new Set(scenarios.map(({ heading }) => heading))];
  const currentHeading = scenarios.find(({ name }) => name === current && name !== 'healthy')?.heading ?? headings[0];
  return html`<section><h2>Scenarios</h2>
<p id="filter" hidden><label>Show only <input type="search" placeholder="etcd, c04, disk …" autocomplete="off"></label> <span class="soft small" role="status"></span></p>
${scenarios.length === 0 ? html`<p class="note wait">The simulated cluster does not say which there are.</p>` : undefined}
${headings.map((heading) => {
  const group = scenarios.filter((scenario) => scenario.heading === heading);
  const isOpen = scenarios.length <= ALL_OPEN_UP_TO || heading === currentHeading;
  return html`<details class="group"${isOpen ? OPEN : undefined}><summary><h3>${heading} <span class="soft">${group.length}</span></h3></summary>
<div class="scenarios">${group.map((scenario) => scenarioRow(scenario, scenario.name === current))}</div></details>`;
})}</section>`;
}
const OPEN = html` open`;

const scenarioRow = ({ name, summary, isWell }: PanelScenario, isCurrent: boolean): Html =>
  html`<article><div><h4>${name}</h4><p class="soft">${summary}</p></div>
<form method="post" action="/local/scenario"><input type="hidden" name="name" value="${name}">
<button${isCurrent || isWell ? QUIET : undefined}>${isWell ? 'Load it' : 'Break it'}${isCurrent ? AGAIN : undefined}</button></form></article>`;
const QUIET = html` class="quiet-button"`;
const AGAIN = html` again`;
