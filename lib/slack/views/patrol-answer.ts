import type { PatrolReport } from '../../incidents/patrol-report.ts';
import { en } from '../text/en.ts';
import { outside } from './mrkdwn.ts';
import { groupLines, lookedLine, missedLines } from './patrol-lines.ts';

/** Kinds of findings that are told; the others stand on the card and in `medic patrol`. */
const GROUPS_SHOWN = 8;

export type PatrolAnswer = {
  readonly cluster: string;
  /** Why it could not look; empty: it could. */
  readonly failed: string;
  readonly said: PatrolReport | undefined;
  /** Channel that has the card of the cluster. */
  readonly cardIn: string | undefined;
};

/** What a patrol found, for whoever asked for it: all of it, also what was known before. */
export function renderPatrolAnswer({ cluster, failed, said, cardIn }: PatrolAnswer): string {
  const name = outside(cluster, 60);
  if (failed !== '' || said === undefined) return en.patrol.failed(name, outside(failed, 300));
  const shown = said.groups.slice(0, GROUPS_SHOWN);
  const left = said.groups.length - shown.length;
  return [
    en.patrol.answer(name, lookedLine(said)),
    ...(said.groups.length === 0 ? [en.patrol.nothing] : shown.flatMap((group) => groupLines(group, 250))),
    ...(left > 0 ? [en.patrol.moreKinds(left)] : []),
    ...missedLines(said),
    ...(cardIn === undefined ? [] : [en.patrol.onCard(cardIn)]),
  ].join('\n');
}
