import * as z from 'zod';
import type { Finding } from '../playbooks/finding.ts';

/** One code with all nodes that have it; text and evidence are those of the gravest. `''`: the cluster as a whole. */
export const PatrolGroup = z.object({
  code: z.string(),
  severity: z.enum(['critical', 'warning', 'info']),
  confidence: z.enum(['certain', 'likely', 'possible']),
  summary: z.string(),
  evidence: z.array(z.object({ reading: z.string(), says: z.string() })),
  advice: z.string(),
  nodes: z.array(z.string()),
});
export type PatrolGroup = z.infer<typeof PatrolGroup>;

/** A finding is known by its code and its node. */
export const FoundOn = z.object({ code: z.string(), node: z.string() });
export type FoundOn = z.infer<typeof FoundOn>;

/** What one patrol saw, and how it compares with the one before. */
export const PatrolReport = z.object({
  nodes: z.int(),
  readings: z.int(),
  tookMs: z.int(),
  notReached: z.array(z.object({ node: z.string(), because: z.string() })),
  /** For these the time did not suffice. */
  notLooked: z.array(z.string()),
  groups: z.array(PatrolGroup),
  fresh: z.array(FoundOn),
  gone: z.array(FoundOn),
});
export type PatrolReport = z.infer<typeof PatrolReport>;

/** What was seen of one node. */
export type Seen = {
  readonly node: string;
  /** Names of the readings that answered. */
  readonly readable: readonly string[];
  readonly findings: readonly Finding[];
  /** Its own incident tells about it. */
  readonly hasIncident: boolean;
};

const SEVERITY = { critical: 0, warning: 1, info: 2 } as const;
const CONFIDENCE = { certain: 0, likely: 1, possible: 2 } as const;
type Rank = Pick<PatrolGroup, 'severity' | 'confidence'>;
export const byGravity = (a: Rank, b: Rank): number =>
  SEVERITY[a.severity] - SEVERITY[b.severity] || CONFIDENCE[a.confidence] - CONFIDENCE[b.confidence];

/** Said by whoever asked and not by the node, so that they are read whenever anything is. */
const ALWAYS_READ: ReadonlySet<string> = new Set(['reach', 'peers', 'inventory']);
/** However much a node says: a group is told in a few lines. */
const MAX_CITED = 3;

const keyOf = ({ code, node }: FoundOn): string => `${code} ${node}`;
const pairs = (groups: readonly PatrolGroup[]): readonly FoundOn[] =>
  groups.flatMap(({ code, nodes }) => nodes.map((node) => ({ code, node })));

/**
 * What is found now, what of it is new and what is gone since the patrol before. A finding is gone when its node was
 * looked at, it is not seen again, and everything that it rested on was read; until then it stays. Nodes that the
 * cluster no longer has take theirs with them, and a node with an incident of its own has none here.
 */
export function compareFindings(
  known: readonly PatrolGroup[],
  seen: readonly Seen[],
  members: readonly string[],
): Pick<PatrolReport, 'groups' | 'fresh' | 'gone'> {
  const byNode = new Map(seen.map((one) => [one.node, one]));
  const stays = (group: PatrolGroup, node: string): boolean => {
    if (node !== '' && !members.includes(node)) return false;
    const now = byNode.get(node);
    if (now === undefined) return true;
    const isThere = now.findings.some(({ code }) => code === group.code);
    return !now.hasIncident && !isThere && !group.evidence.every(({ reading }) => isRead(now, reading));
  };
  const kept = known
    .map((group) => ({ ...group, nodes: group.nodes.filter((node) => stays(group, node)) }))
    .filter(({ nodes }) => nodes.length > 0);
  const now = seen
    .filter(({ hasIncident }) => !hasIncident)
    .flatMap(({ node, findings }) => findings.map((finding) => asGroup(node, finding)));
  const groups = grouped([...now, ...kept]);
  const before = new Set(pairs(known).map(keyOf));
  const after = new Set(pairs(groups).map(keyOf));
  const isOwned = ({ node }: FoundOn) => byNode.get(node)?.hasIncident === true;
  return {
    groups,
    fresh: pairs(groups).filter((pair) => !before.has(keyOf(pair))),
    gone: pairs(known).filter((pair) => !after.has(keyOf(pair)) && !isOwned(pair)),
  };
}

const isRead = ({ readable }: Seen, reading: string): boolean => ALWAYS_READ.has(reading) || readable.includes(reading);

const asGroup = (node: string, { code, severity, confidence, summary, evidence, advice }: Finding): PatrolGroup => ({
  code,
  severity,
  confidence,
  summary,
  evidence: evidence.slice(0, MAX_CITED).map((citation) => ({ ...citation })),
  advice: advice ?? '',
  nodes: [node],
});

/** One group per code, the gravest first. What is seen now comes before what is only remembered. */
function grouped(all: readonly PatrolGroup[]): PatrolGroup[] {
  const byCode = new Map<string, PatrolGroup>();
  for (const group of all.toSorted(byGravity)) {
    const told = byCode.get(group.code) ?? { ...group, nodes: [] };
    byCode.set(group.code, { ...told, nodes: [...new Set([...told.nodes, ...group.nodes])].toSorted(byName) });
  }
  return [...byCode.values()];
}
const byName = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/** Of some groups only what these findings name. */
export function onlyThese(groups: readonly PatrolGroup[], wanted: readonly FoundOn[]): PatrolGroup[] {
  const keys = new Set(wanted.map(keyOf));
  return groups
    .map((group) => ({ ...group, nodes: group.nodes.filter((node) => keys.has(keyOf({ code: group.code, node }))) }))
    .filter(({ nodes }) => nodes.length > 0);
}

/**
 * What an incident tells of a report: what it told before and is still there, and what is new. Others were known
 * before it was opened, and are not repeated.
 */
export function toldBy(before: readonly PatrolGroup[] | undefined, { groups, fresh }: PatrolReport): PatrolGroup[] {
  return onlyThese(groups, [...pairs(before ?? []), ...fresh]);
}

/** Information alone opens no incident; it is told where there is one, and by `medic patrol`. */
export const isWorthOpening = ({ groups, fresh }: PatrolReport): boolean =>
  onlyThese(groups, fresh).some(({ severity }) => severity !== 'info');
