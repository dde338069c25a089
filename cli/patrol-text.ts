import { plainText } from '../lib/evidence/plain-text.ts';
import type { ClusterLook, NodeLook } from '../lib/flow/look-over.ts';
import type { ClusterFinding } from '../lib/playbooks/cluster/cluster-facts.ts';
import type { Finding } from '../lib/playbooks/finding.ts';
import { isWorthTelling } from '../lib/playbooks/worth-telling.ts';

/** A patrol as people and programs read it. */
export type Told = {
  readonly cluster: string;
  readonly at: string;
  readonly tookMs: number;
  readonly nodes: readonly ToldNode[];
  /** For these the time did not suffice. */
  readonly notLooked: readonly string[];
  /** All that is worth telling, gravest first; `node` is empty for the cluster as a whole. */
  readonly findings: readonly (Omit<Finding, 'explains'> & { readonly node: string })[];
};
type ToldNode = {
  readonly node: string;
  readonly role: string;
  readonly isReached: boolean;
  readonly reach: string;
  readonly error: string;
  readonly hasIncident: boolean;
  readonly version: string;
  readonly readings: { readonly tried: number; readonly answered: number };
};

const RANK = { critical: 0, warning: 1, info: 2 } as const;
const SURE = { certain: 0, likely: 1, possible: 2 } as const;

export function toldOf({ cluster, at, tookMs, nodes, notLooked, compared }: ClusterLook): Told {
  const own = nodes.flatMap(({ node, findings }) => findings.map((finding): ClusterFinding => ({ node, finding })));
  const findings = [...compared, ...own]
    .filter(({ finding }) => isWorthTelling(finding))
    .toSorted(
      ({ finding: a }, { finding: b }) =>
        RANK[a.severity] - RANK[b.severity] || SURE[a.confidence] - SURE[b.confidence],
    )
    .map(({ node, finding: { explains: _, ...finding } }) => ({ node, ...finding }));
  return { cluster, at, tookMs, nodes: nodes.map(toldNode), notLooked, findings };
}

const REACHED: ReadonlySet<string> = new Set(['mtls', 'forwarded', 'maintenance']);
const toldNode = ({ node, facts, reach, hasIncident, readings }: NodeLook): ToldNode => ({
  node,
  role: facts.role,
  isReached: REACHED.has(reach.mode),
  reach: reach.mode,
  error: reach.error?.message ?? '',
  hasIncident,
  version: facts.version ?? '',
  readings,
});

const line = (text: string) => plainText(text, { maxLength: 400 });

/** By finding, and under each the nodes: twelve nodes with one fault are one thing to do. */
export function sayPatrol({ cluster, tookMs, nodes, notLooked, findings }: Told): string {
  const unreached = nodes.filter(({ isReached }) => !isReached);
  const [tried, answered] = (['tried', 'answered'] as const).map((what) =>
    nodes.reduce((sum, { readings }) => sum + readings[what], 0),
  );
  const inIncidents = new Set(nodes.filter(({ hasIncident }) => hasIncident).map(({ node }) => node));
  const codes = [...new Set(findings.map(({ code }) => code))];
  return [
    `${line(cluster)}: ${nodes.length} nodes, ${answered} of ${tried} readings, ${(tookMs / 1000).toFixed(1)} s`,
    '',
    ...codes.flatMap((code) => {
      const same = findings.filter((finding) => finding.code === code);
      const [first] = same;
      if (first === undefined) return [];
      const count = same.length === 1 ? '' : `, ${same.length} nodes`;
      return [
        `${first.severity.toUpperCase()} ${code} (${first.confidence}${count})`,
        ...same.map(
          ({ node, summary }) =>
            `  ${node === '' ? line(cluster) : line(node)}: ${line(summary)}${inIncidents.has(node) ? ' (has an open incident)' : ''}`,
        ),
        ...first.evidence.slice(0, 2).map(({ reading, says }) => `  - ${reading}: ${line(says)}`),
        ...(first.advice ? [`  What to do: ${line(first.advice)}`] : []),
        '',
      ];
    }),
    ...unreached.map(({ node, error }) => `Not reached: ${line(node)}. ${line(error)}`),
    ...(notLooked.length > 0 ? [`Not looked at, because the time ran out: ${notLooked.map(line).join(', ')}.`] : []),
    findings.length === 0 ? 'Nothing found.' : `${findings.length} findings, ${codes.length} kinds.`,
  ].join('\n');
}
