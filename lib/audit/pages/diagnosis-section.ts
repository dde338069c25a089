import { titleOf } from '../../approvals/action-name.ts';
import type { Offer, StoredFinding } from '../../incidents/event.ts';
import type { Diagnosis } from '../../incidents/state.ts';
import type { PageOf } from '../../playbooks/page-url.ts';
import { row } from './event-text.ts';
import { type Html, html } from './html.ts';
import { facts, lines, more, table, tag } from './parts.ts';
import { duration, utc } from './time.ts';

/** What the last diagnosis found, and which actions it offered or hid, each with every gate's answer. */
export function diagnosisSection(diagnosis: Diagnosis, pageOf: PageOf): Html {
  return html`<section><h2>What was found</h2>
${diagnosis.findings.map((finding) => findingCard(finding, pageOf))}
${observedPart(diagnosis.observed ?? [], pageOf)}
<div class="card"><h3>Offers</h3>
${diagnosis.offers.length === 0 ? html`<p class="soft">No action was suggested.</p>` : diagnosis.offers.map(offerLine)}</div>
${more(
  `All ${diagnosis.readings.length} readings`,
  table(
    ['Reading', 'Answer', 'Source', 'Node'],
    diagnosis.readings.map(({ name, answer, source, node }) => [name, answer, source, node]),
  ),
)}
${facts(
  [
    row('Read', `${utc(diagnosis.at)}, in ${duration(diagnosis.tookMs)}`),
    row('Node', `${diagnosis.health}, reached by ${diagnosis.reach}, stage ${diagnosis.stage}, ${diagnosis.version}`),
    row('Can it wait', diagnosis.urgency),
    row('Evidence', diagnosis.evidence),
  ],
  'small',
)}</section>`;
}

const observedPart = (observed: readonly StoredFinding[], pageOf: PageOf): Html | undefined =>
  observed.length === 0
    ? undefined
    : html`<h3>Found by playbooks that are only observed</h3>
<p class="soft">Recorded, not on the card, and nothing was offered because of it.</p>
${observed.map((finding) => findingCard(finding, pageOf))}`;

const findingCard = (finding: StoredFinding, pageOf: PageOf) => {
  const { code, severity, confidence, summary, evidence, rulesOut, advice } = finding;
  const page = pageOf(finding);
  return html`<article class="card"><h3>${summary}</h3>
<p class="tags">${tag(severity)}${tag(confidence, 'plain')}${tag(code, 'plain')}${stageOf(finding)}${page && html`<a href="${page}">What is this?</a>`}</p>
${lines(evidence.map(({ says, reading }) => `${says} (${reading})`))}
${advice === '' ? undefined : html`<p>${advice}</p>`}
${
  rulesOut.length === 0
    ? undefined
    : more(
        'What it is not, and why',
        facts(
          rulesOut.map((other) => row(other.code, other.because)),
          'small',
        ),
      )
}
</article>`;
};

/** Whose word it is, where that is not plain from its code, and at which stage. */
const stageOf = ({ playbook, stage }: StoredFinding): Html | undefined =>
  playbook === undefined || stage === undefined ? undefined : tag(`${playbook}: ${stage}`, 'quiet');

const offerLine = (offer: Offer) => {
  const { answer, gates } = offer;
  const refusals = gates.filter((gate) => gate.answer === 'refused').map(({ because }) => because);
  return html`<p>${titleOf(offer)} ${tag(answer)} <span class="soft">${refusals.join(' ')}</span></p>
${more(
  gates.length === 1 ? '1 gate' : `${gates.length} gates`,
  table(
    ['Gate', 'Answer', 'Because', 'Facts'],
    gates.map((gate) => [gate.gate, tag(gate.answer), gate.because, gate.facts.join(', ')]),
  ),
)}`;
};
