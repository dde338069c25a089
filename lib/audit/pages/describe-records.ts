import { titleOf } from '../../approvals/action-name.ts';
import type { Plan } from '../../approvals/plan.ts';
import type { EventData } from '../../incidents/event.ts';
import { type EventText, row } from './event-text.ts';
import { duration, utc } from './time.ts';
import { toneOf } from './words.ts';

/** The two records that carry the most: a diagnosis and a frozen plan. */
export function describeDiagnosis(data: EventData<'diagnosis_finished'>): EventText {
  const [top] = data.findings;
  const findings = data.findings.flatMap((finding) => [
    row(finding.code, `${finding.summary} (${finding.severity}, ${finding.confidence})`),
    ...finding.evidence.map(({ reading, says }) => row(`from ${reading}`, says)),
    ...finding.rulesOut.map(({ code, because }) => row(`not ${code}`, because)),
  ]);
  return {
    title: top === undefined ? 'Diagnosed: nothing found' : `Diagnosed, ${top.confidence}: ${top.summary}`,
    tone: top === undefined ? 'plain' : toneOf(top.severity),
    details: [
      row('Took', duration(data.tookMs)),
      row('Node', `${data.health}, reached by ${data.reach}, stage ${data.stage}, Talos ${data.version}`),
      row('Boot', data.boot),
      row('Urgency', data.urgency),
      ...findings,
      ...data.offers.flatMap((offer) => [
        row(`Offer ${titleOf(offer)}`, offer.answer),
        ...offer.gates.map((gate) => row(`gate ${gate.gate}`, `${gate.answer}: ${gate.because}`)),
      ]),
      row('Readings', data.readings.map(({ name, answer }) => `${name}: ${answer}`).join('; ')),
      row('Evidence', data.evidence),
      row('Digest', data.digest),
    ],
  };
}

export function describeFrozenPlan(plan: Plan, hash: string): EventText {
  return {
    title: `Plan frozen: ${titleOf(plan)} on ${plan.node}`,
    tone: 'plain',
    details: [
      row('Risk', `${plan.risk}, needs ${plan.approvalsNeeded} people, identity os:${plan.identity}`),
      row('Target', `${plan.node} (${plan.role}) at ${plan.address}, Talos ${plan.version}`),
      ...plan.consequences.map((line) => row('Consequence', line)),
      ...plan.proof.map((line) => row('Proof', line)),
      ...plan.details.map(({ label, text }) => row(label, text)),
      ...plan.steps.map(({ n, method, request, deadlineMs }) =>
        row(`Step ${n + 1}`, `${method} ${requestText(request)} within ${duration(deadlineMs)}`),
      ),
      row('Expires', utc(plan.expiresAt)),
      row('Boot', plan.boot),
      row('Digest', plan.digest),
      row('Plan', plan.id),
      row('Plan hash', hash),
    ],
  };
}

/** `{}` is said as such: a call without parameters is a fact too. */
export const requestText = (request: Readonly<Record<string, string | number>>): string =>
  `{${Object.entries(request)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')}}`;
