import { type Html, html } from '../../lib/audit/pages/html.ts';
import { tag } from '../../lib/audit/pages/parts.ts';
import { clock, timeTag } from '../../lib/audit/pages/time.ts';
import type { PanelNode, PanelWorld } from './world-state.ts';

/** In a cluster that is larger than this, nodes that do well say so in a line. */
const IN_FULL_UP_TO = 12;
const LAST_ACTIONS = 3;

export const nodesSection = ({ nodes, cuts, factoryFault, current }: PanelWorld): Html =>
  html`<section id="nodes"><h2>Nodes${current === '' ? undefined : html` <span class="soft">after ${current}</span>`}</h2>
${cuts.length === 0 ? undefined : html`<p>${tag('cut off', 'bad')} from each other: ${cuts.join('; ')}</p>`}
${factoryFault && html`<p>Image Factory: ${tag(factoryFault, 'bad')}</p>`}
${
  nodes.length === 0
    ? html`<p class="note wait">The simulated cluster does not answer.</p>`
    : html`<div class="nodes">${nodes.map((node) => nodeCard(node, nodes.length > IN_FULL_UP_TO))}</div>`
}</section>`;

const nodeCard = (node: PanelNode, isShort: boolean): Html => {
  const { name, stage, role, address, version, hostname, etcd, faults, lastActions } = node;
  const known = [role, address, version].filter((text) => text !== '').join(' · ');
  return html`<article class="card" id="node-${name}"><div class="head"><h3>${name}</h3>${tag(stage || 'unknown', STAGE_TONES[stage] ?? 'wait')}</div>
<p class="soft small">${known}${hostname === '' || hostname === name ? undefined : html`<br>runs as <b>${hostname}</b>`}</p>
${etcd && html`<p class="small">etcd ${tag(etcd.role, ETCD_TONES[etcd.role] ?? 'plain')} as ${etcd.name} ${etcd.alarms.map((alarm) => tag(alarm, 'bad'))}</p>`}
${faults.length === 0 ? undefined : html`<p class="small">${faults.map((fault) => html`${tag(fault, 'bad')} `)}</p>`}
${servicesByState(node.services, isShort)}
${lastActions
  .slice(-LAST_ACTIONS)
  .reverse()
  .map(
    ({ at, method, outcome }) =>
      html`<p class="small">${timeTag(at, clock(at))} ${method} <span class="${outcome === 'accepted' ? 'good' : 'bad'}">${outcome}</span></p>`,
  )}</article>`;
};

const ETCD_TONES: Readonly<Record<string, 'wait' | 'bad'>> = { learner: 'wait', down: 'bad', 'without leader': 'bad' };
const STAGE_TONES: Readonly<Record<string, 'good' | 'bad'>> = { running: 'good', maintenance: 'bad', off: 'bad' };

/** What does not run comes first; those that run share a line. */
function servicesByState(services: PanelNode['services'], isShort: boolean): Html {
  const running = services.filter(({ state }) => state === 'Running').map(({ id }) => id);
  const others = [...new Set(services.map(({ state }) => state))].filter((state) => state !== 'Running');
  return html`${others.map((state) => {
    const ids = services.filter((one) => one.state === state).map(({ id }) => id);
    return html`<p class="small"><b>${state}</b>: ${ids.join(', ')}</p>`;
  })}${running.length === 0 ? undefined : html`<p class="soft small">Running: ${isShort ? `${running.length} services` : running.join(', ')}</p>`}`;
}
