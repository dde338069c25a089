import type { FoundOn, PatrolGroup, PatrolReport } from '../../incidents/patrol-report.ts';
import { en } from '../text/en.ts';
import { outside } from './mrkdwn.ts';

const NODES_NAMED = 12;
const GONE_SHOWN = 10;

/** Names of nodes, a few of many; the cluster as a whole has none. */
export function nodeNames(nodes: readonly string[], max = NODES_NAMED): string {
  const named = nodes.filter((node) => node !== '').map((node) => outside(node, 60));
  if (named.length === 0) return en.patrol.wholeCluster;
  return named.length <= max
    ? named.join(', ')
    : en.patrol.namesAndMore(named.slice(0, max).join(', '), named.length - max);
}

/** The kind with its nodes, and below it the gravest of them in words. */
export const groupLines = (
  { code, severity, confidence, summary, nodes }: PatrolGroup,
  room: number,
): readonly string[] => [
  en.patrol.group(en.patrol.mark[severity], outside(code, 60), nodeNames(nodes), en.confidence[confidence]),
  outside(summary, room),
];

export const lookedLine = ({ nodes, readings, tookMs }: PatrolReport): string =>
  en.patrol.looked(nodes, readings, (tookMs / 1000).toFixed(1));

export const missedLines = ({ notReached, notLooked }: PatrolReport): readonly string[] => [
  ...(notReached.length > 0 ? [en.patrol.notReached(nodeNames(notReached.map(({ node }) => node)))] : []),
  ...(notLooked.length > 0 ? [en.patrol.notLooked(nodeNames(notLooked))] : []),
];

/** What this incident told and is no more, struck out. */
export function goneLines(gone: readonly FoundOn[]): readonly string[] {
  const codes = [...new Set(gone.map(({ code }) => code))];
  return codes.slice(-GONE_SHOWN).map((code) => {
    const nodes = gone.filter((one) => one.code === code).map(({ node }) => node);
    return en.patrol.gone(outside(code, 60), nodeNames(nodes));
  });
}
