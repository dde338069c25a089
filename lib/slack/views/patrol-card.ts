import type { KnownBlock } from '@slack/types';
import type { PatrolGroup } from '../../incidents/patrol-report.ts';
import type { IncidentState } from '../../incidents/state.ts';
import { en } from '../text/en.ts';
import { context, header, section, sectionOf } from './blocks.ts';
import { patrolMenu } from './card-actions.ts';
import { link, outside, outsidePlain, sentence, when } from './mrkdwn.ts';
import { goneLines, groupLines, lookedLine, missedLines } from './patrol-lines.ts';

const GROUPS_SHOWN = 10;

/** The card of a cluster: what patrols find, by kind; evidence and advice of the gravest; nothing that changes a node. */
export function patrolBlocks(state: IncidentState, auditUrl: string, room: number): readonly KnownBlock[] {
  const { patrol } = state;
  const groups = patrol?.groups ?? [];
  return [
    header(en.patrol.header(markerOf(state), outsidePlain(state.cluster, 60), standingOf(state))),
    ...(state.status === 'closed'
      ? [section(en.card.closed(when(state.closedAt ?? ''), sentence(outside(state.closedBecause ?? '', room))))]
      : []),
    ...groups.slice(0, GROUPS_SHOWN).map((group, n) => section(kindLines(group, n === 0, room).join('\n'))),
    ...(groups.length > GROUPS_SHOWN ? [context(en.patrol.moreKinds(groups.length - GROUPS_SHOWN))] : []),
    ...sectionOf(goneLines(patrol?.gone ?? [])),
    ...(state.status === 'closed' ? [] : [patrolMenu(state)]),
    ...(patrol === undefined ? [] : [context([lookedLine(patrol), ...missedLines(patrol)].join('\n'))]),
    context(
      en.card.footer([
        en.card.opened(when(state.openedAt)),
        ...(patrol === undefined ? [] : [en.patrol.lastAt(when(patrol.at))]),
        link(auditUrl, en.card.auditPage),
      ]),
    ),
  ];
}

/** The gravest with its evidence and what to do; the others with what they say. */
const kindLines = (group: PatrolGroup, isGravest: boolean, room: number): readonly string[] => [
  ...groupLines(group, Math.min(room, 250)),
  ...(isGravest ? reasons(group, room) : []),
];

const reasons = ({ evidence, advice }: PatrolGroup, room: number): readonly string[] => [
  ...evidence
    .slice(0, 2)
    .map(({ reading, says }) => en.modal.citation(outside(reading, 60), outside(says, Math.min(room, 400)))),
  ...(advice === '' ? [] : [en.card.nextStep(sentence(outside(advice, room)))]),
];

function markerOf({ status, patrol }: IncidentState): string {
  if (status === 'closed') return en.patrol.markClosed;
  return en.patrol.mark[patrol?.groups[0]?.severity ?? 'info'];
}

/** `3 kinds of findings on 5 nodes` */
export function standingOf({ status, patrol }: IncidentState): string {
  const groups = patrol?.groups ?? [];
  if (status === 'closed') return en.standing.closed;
  return en.patrol.standing(groups.length, new Set(groups.flatMap(({ nodes }) => nodes)).size);
}

/** For notifications and screen readers. */
export const patrolSentence = (state: IncidentState): string =>
  en.patrol.sentence(
    outside(state.cluster, 100),
    standingOf(state),
    outside(state.patrol?.groups[0]?.summary ?? '', 300),
  );
