import type { KnownBlock } from '@slack/types';
import { actionTraits } from '../../actions/traits.ts';
import { titleOf } from '../../approvals/action-name.ts';
import { DIAGNOSIS_ATTEMPTS, lookAgainAt } from '../../incidents/due-work.ts';
import type { StoredFinding } from '../../incidents/event.ts';
import type { Diagnosis, IncidentState } from '../../incidents/state.ts';
import type { PageOf } from '../../playbooks/page-url.ts';
import type { Card } from '../slack-port.ts';
import { en } from '../text/en.ts';
import { context, header, section, sectionOf } from './blocks.ts';
import { cardButtons, planBlocks } from './card-actions.ts';
import { link, outside, outsidePlain, sentence, when } from './mrkdwn.ts';
import { nextRemedy } from './next-remedy.ts';
import { patrolBlocks, patrolSentence } from './patrol-card.ts';
import type { PolicyText } from './plan-lines.ts';
import { isOutdated, standingOf } from './standing.ts';

export type CardOptions = {
  readonly now: string;
  readonly auditUrl: string;
  readonly policyText?: PolicyText;
  /** Where a finding is explained. */
  readonly pageOf?: PageOf;
};

/** Slack's own limit is undocumented, about 13,200. Source: slackapi/bolt-js#2509. */
const CARD_MAX = 10_000;
/** Characters that one outside text may take; the next smaller room is tried while the card is too long. */
const ROOMS = [600, 300, 150, 60] as const;

/** The card of one incident: a pure projection, so it can be made again at any time and always says the same. */
export function renderCard(state: IncidentState, options: CardOptions): Card {
  const cards = ROOMS.map((room) => () => blocksOf(state, options, room));
  const fits = cards.find((make) => JSON.stringify(make()).length <= CARD_MAX) ?? cards.at(-1);
  return { text: summaryText(state), blocks: fits?.() ?? [] };
}

function blocksOf(state: IncidentState, options: CardOptions, room: number): readonly KnownBlock[] {
  if (state.subject === 'cluster') return patrolBlocks(state, options.auditUrl, room);
  const { marker, says } = standingOf(state);
  return [
    header(en.card.header(marker, outsidePlain(state.node, 60), outsidePlain(state.cluster, 40), says)),
    ...sectionOf(whatLines(state, options, room)),
    ...(state.status === 'closed' ? [] : [section(urgencyLine(state, room))]),
    ...sectionOf(evidenceLines(state, room)),
    ...sectionOf(adviceLines(state, room)),
    ...planBlocks(state, room, options.policyText),
    ...cardButtons(state),
    context(footer(state, options)),
  ];
}

/** Line 1: what is wrong, how sure; from the alert as long as nothing better is known. */
function whatLines(state: IncidentState, options: CardOptions, room: number): readonly string[] {
  const { card } = en;
  if (state.status === 'closed') {
    return [
      card.closed(when(state.closedAt ?? ''), sentence(outside(state.closedBecause ?? '', room))),
      ...cause(state, options, room),
    ];
  }
  if (state.subject === 'unresolved') return [...alertLines(state, room), card.unresolved];
  const known = state.diagnosis ? cause(state, options, room) : alertLines(state, room);
  return [...known, ...diagnosing(state, room)];
}

function diagnosing(state: IncidentState, room: number): readonly string[] {
  const { card } = en;
  if (isOutdated(state)) return [card.lookingAgain];
  const again = lookAgainAt(state);
  if (state.status === 'diagnosed' && again !== undefined) return [card.looksAgain(when(again))];
  if (state.status === 'diagnosed' || state.status === 'acting') return [];
  if (state.status === 'diagnosing') return [state.diagnosis ? card.lookingAgain : card.asking];
  if (state.diagnosisFailures === 0) return [state.diagnosis ? card.lookingAgain : card.asking];
  const failed = card.failed(sentence(outside(state.diagnosisWanted ?? '', room)));
  return state.diagnosisFailures >= DIAGNOSIS_ATTEMPTS ? [failed, card.gaveUp] : [failed];
}

function cause({ diagnosis }: IncidentState, { pageOf }: CardOptions, room: number): readonly string[] {
  if (diagnosis === undefined) return [];
  const [top, ...others] = diagnosis.findings;
  if (top === undefined) return [diagnosis.health === 'healthy' ? en.card.healthy : en.card.noCause];
  const page = (finding: StoredFinding): string => {
    const url = pageOf?.(finding);
    return url === undefined ? '' : en.card.page(link(url, en.card.whatIsThis));
  };
  return [
    en.card.summary(outside(top.summary, room), en.confidence[top.confidence]) + page(top),
    ...others
      .slice(0, 2)
      .map(
        (other) =>
          en.card.alsoFound(outside(other.summary, Math.min(room, 200)), en.confidence[other.confidence]) + page(other),
      ),
  ];
}

const alertLines = ({ alerts }: IncidentState, room: number): readonly string[] =>
  alerts.length === 0
    ? [en.card.noAlert]
    : alerts.slice(-2).map(({ alertname, summary }) => en.card.alert(outside(alertname, 100), outside(summary, room)));

/** Line 2: can it wait. */
const urgencyLine = ({ diagnosis }: IncidentState, room: number): string =>
  diagnosis === undefined || diagnosis.urgency === ''
    ? en.card.urgencyUnknown
    : en.card.urgency(sentence(outside(diagnosis.urgency, room)));

const evidenceLines = ({ diagnosis }: IncidentState, room: number): readonly string[] =>
  (diagnosis?.findings[0]?.evidence ?? [])
    .slice(0, 2)
    .map(({ reading, says }) => en.modal.citation(outside(reading, 60), outside(says, Math.min(room, 400))));

/** Refused offers with the first gate that refuses, and what a person does when no button can. */
function adviceLines(state: IncidentState, room: number): readonly string[] {
  const { diagnosis } = state;
  if (diagnosis === undefined || state.status !== 'diagnosed' || isOutdated(state)) return [];
  const hidden = diagnosis.offers.filter(({ answer }) => answer !== 'allowed');
  const advice = diagnosis.findings.find((finding) => finding.advice !== '')?.advice;
  const isNothingOffered = hidden.length === diagnosis.offers.length;
  return [
    ...hidden.slice(0, 5).map((offer) => {
      const { gates, answer } = offer;
      const gate = gates.find((one) => one.answer === answer);
      return en.card.refusedOffer(
        outside(titleOf(offer), 100),
        sentence(outside(gate?.because ?? en.gate[answer], Math.min(room, 300))),
      );
    }),
    ...(isNothingOffered && needsSomebody(diagnosis) ? [en.card.noOffer] : []),
    ...(isNothingOffered && advice ? [en.card.nextStep(sentence(outside(advice, room)))] : []),
    ...remedyLines(state),
  ];
}

function remedyLines(state: IncidentState): readonly string[] {
  const next = nextRemedy(state);
  if (next === undefined) return [];
  return [en.card.nextRemedy(outside(titleOf(next), 100), en.risk[actionTraits[next.action].risk])];
}

const needsSomebody = ({ health }: Diagnosis): boolean => health !== 'healthy';

function footer({ alerts, diagnosis, openedAt }: IncidentState, { auditUrl }: CardOptions): string {
  const firing = alerts.filter(({ status }) => status === 'firing').length;
  return en.card.footer([
    en.card.opened(when(openedAt)),
    ...(alerts.length > 0 ? [en.card.alerts(firing, alerts.length - firing)] : []),
    ...(diagnosis ? [en.card.diagnosed(when(diagnosis.at), (diagnosis.tookMs / 1000).toFixed(1))] : []),
    link(auditUrl, en.card.auditPage),
  ]);
}

/** For notifications and screen readers: a full sentence without formatting. */
function summaryText(state: IncidentState): string {
  if (state.subject === 'cluster') return patrolSentence(state);
  const top = state.diagnosis?.findings[0]?.summary ?? state.alerts.at(-1)?.summary ?? '';
  const { says } = standingOf(state);
  return en.card
    .sentence(outside(state.node, 100), outside(state.cluster, 100), says, sentence(outside(top, 400)))
    .trim();
}
