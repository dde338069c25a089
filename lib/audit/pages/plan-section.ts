import { titleOf } from '../../approvals/action-name.ts';
import type { Plan } from '../../approvals/plan.ts';
import type { PlanState } from '../../incidents/state.ts';
import { requestText } from './describe-records.ts';
import { row } from './event-text.ts';
import { type Html, html } from './html.ts';
import { checksTable, facts, lines, more, table, tag } from './parts.ts';
import { duration, utc } from './time.ts';

/** One plan: what people were shown, who said yes, what was done, what proves it. `frozen` is absent until it is. */
export function planSection(state: PlanState, frozen: Plan | undefined): Html {
  return html`<article class="card" id="plan-${state.id}">
<h3>${titleOf(state)}</h3>
<p class="tags">${tag(state.status)}${state.risk === '' ? undefined : tag(state.risk, 'plain')}${tag(`os:${state.identity}`, 'plain')}</p>
${state.because === '' ? undefined : html`<p>${state.because}</p>`}
${facts([
  row('Asked for by', `${state.requestedBy.name}, ${utc(state.requestedAt)}`),
  ...(state.reason === '' ? [] : [row('Reason', state.reason)]),
  ...(state.expiresAt === '' ? [] : [row('Expiry', utc(state.expiresAt))]),
  ...(state.progress === '' ? [] : [row('Last progress', state.progress)]),
])}
${frozen === undefined ? undefined : frozenParts(frozen)}
${approvals(state)}
${state.steps.length === 0 ? undefined : steps(state, frozen)}
${state.verification === undefined || state.verification.checks.length === 0 ? undefined : verification(state.verification)}
${state.hash === '' ? undefined : html`<p class="soft small">Plan hash <code>${state.hash}</code></p>`}
</article>`;
}

const frozenParts = (plan: Plan) => html`<h4>Consequences</h4>${lines(plan.consequences)}
<h4>Proof that this is the machine</h4>${lines(plan.proof)}
${more('Everything that was frozen', facts([...plan.details.map(({ label, text }) => row(label, text)), ...frame(plan)], 'small'))}`;

const frame = (plan: Plan) => [
  row('Target', `${plan.node} (${plan.role}) at ${plan.address}, Talos ${plan.version}`),
  row('Findings', plan.findings.join(', ')),
  row('Boot', plan.boot),
  row('Digest', plan.digest),
  row('Frozen', utc(plan.createdAt)),
];

function approvals({ approvals: given, approvalsNeeded, selfApproved }: PlanState): Html | undefined {
  if (approvalsNeeded === 0 && given.length === 0) return undefined;
  return html`<h4>Approvals, ${given.length} of ${approvalsNeeded}${selfApproved === undefined ? '' : ', self-approved'}</h4>
${given.length === 0 ? html`<p class="soft">Nobody yet.</p>` : facts(given.map(({ name, at, id }) => row(utc(at), `${name} (${id})`)))}`;
}

function steps(state: PlanState, frozen: Plan | undefined): Html {
  const rows = state.steps.map((step) => {
    const planned = frozen?.steps.find(({ n }) => n === step.n);
    const call = html`${step.method}${planned && html`<br><code class="soft">${requestText(planned.request)}</code>`}`;
    const within = planned && html`<br><span class="soft small">within ${duration(planned.deadlineMs)}</span>`;
    return [String(step.n + 1), call, html`${tag(step.status)}${within}`, step.because];
  });
  return html`<h4>Steps</h4>${table(['Step', 'Call', 'Outcome', 'What came back'], rows)}`;
}

const verification = ({ checks, looks }: NonNullable<PlanState['verification']>) =>
  html`<h4>Checks${looks === 0 ? undefined : `, seen in look ${looks}`}</h4>${checksTable(checks)}`;
