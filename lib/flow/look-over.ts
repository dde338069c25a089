import type { Evidence, Reach } from '../evidence/evidence.ts';
import type { InventoryEntry } from '../inventory/entry.ts';
import { learn, learnBoot } from '../inventory/learn.ts';
import {
  type ClusterFinding,
  type NodeFacts,
  nodeFacts,
  type OwnCertificate,
} from '../playbooks/cluster/cluster-facts.ts';
import { compareCluster } from '../playbooks/cluster/registry.ts';
import type { Finding } from '../playbooks/finding.ts';
import { isWorthTelling } from '../playbooks/worth-telling.ts';
import type { NodeTarget, TalosReader } from '../talos/talos.ts';
import { find, type HowToFind } from './find.ts';

/** A node to look at. `entry`: what is known of it; undefined where nobody has ever seen it. */
export type PatrolNode = {
  readonly target: NodeTarget;
  readonly entry: InventoryEntry | undefined;
  /** It has an open incident of its own, which tells about it. */
  readonly hasIncident: boolean;
  readonly mayEnterMaintenance: boolean;
};

/** What one look at one node of many came to; the evidence itself is not kept. */
export type NodeLook = {
  readonly node: string;
  readonly reach: Reach;
  readonly hasIncident: boolean;
  /** Of the node itself; what others say of it is not counted. */
  readonly readings: { readonly tried: number; readonly answered: number };
  /** Readings that say something: a finding that rests on another one is not gone because it was not seen again. */
  readonly readable: readonly string[];
  readonly findings: readonly Finding[];
  readonly facts: NodeFacts;
  /** What the look adds to the inventory; undefined: nothing. */
  readonly learned: InventoryEntry | undefined;
};

export type ClusterLook = {
  readonly cluster: string;
  readonly at: string;
  readonly tookMs: number;
  /** Control planes first, each by name. */
  readonly nodes: readonly NodeLook[];
  /** For these the time did not suffice. */
  readonly notLooked: readonly string[];
  /** What only the comparison of nodes shows. */
  readonly compared: readonly ClusterFinding[];
};

/** One patrol over a cluster: every playbook on every node, read only, then the playbooks that compare nodes. */
export async function lookOver(
  deps: HowToFind & { readonly talos: Pick<TalosReader, 'patrol'>; readonly now: () => Date },
  cluster: string,
  nodes: readonly PatrolNode[],
  certificates: readonly OwnCertificate[],
  signal?: AbortSignal,
): Promise<ClusterLook> {
  const at = deps.now().toISOString();
  const startedMs = performance.now();
  const byName = new Map(nodes.map((node) => [node.target.name, node]));
  const looking: Promise<NodeLook>[] = [];
  await deps.talos.patrol(
    nodes.map(({ target }) => target),
    {
      witnesses: nodes.map(({ target }) => target).filter(({ role }) => role === 'controlplane'),
      ...(signal === undefined ? {} : { signal }),
      mayEnterMaintenance: (name) => byName.get(name)?.mayEnterMaintenance === true,
      take: (evidence) => {
        const node = byName.get(evidence.node);
        if (node !== undefined) looking.push(lookOf(deps, node, evidence, deps.now().toISOString()));
      },
    },
  );
  const looks = new Map((await Promise.all(looking)).map((look) => [look.node, look]));
  const ordered = nodes.toSorted(byRoleAndName).map(({ target }) => target.name);
  const seen = ordered.flatMap((name) => looks.get(name) ?? []);
  return {
    cluster,
    at,
    tookMs: Math.round(performance.now() - startedMs),
    nodes: seen,
    notLooked: ordered.filter((name) => !looks.has(name)),
    compared: compareCluster({ cluster, at, nodes: seen.map(({ facts }) => facts), certificates }),
  };
}

async function lookOf(
  deps: HowToFind,
  { target, entry, hasIncident }: PatrolNode,
  evidence: Evidence,
  now: string,
): Promise<NodeLook> {
  // what is only observed is for the record of incidents: a patrol has none
  const { findings } = await find(deps, evidence, { inventory: entry, ordered: [] });
  const { logs, ...single } = evidence.readings;
  const each = [...Object.values(single), ...Object.values(logs ?? {})];
  const areLogsReadable = Object.values(logs ?? {}).every(({ ok }) => ok);
  return {
    node: target.name,
    reach: evidence.reach,
    hasIncident,
    readings: { tried: each.length, answered: each.filter(({ ok }) => ok).length },
    readable: [
      ...Object.entries(single).flatMap(([name, { ok }]) => (ok ? [name] : [])),
      ...(areLogsReadable ? ['logs'] : []),
    ],
    findings,
    facts: nodeFacts(evidence, target.name, target.role),
    learned: hasIncident ? undefined : learned(entry, evidence, findings, now),
  };
}

/** A node on which anything was found teaches its boots only: else the fault would be taken for how it is while well. */
function learned(
  entry: InventoryEntry | undefined,
  evidence: Evidence,
  findings: readonly Finding[],
  now: string,
): InventoryEntry | undefined {
  if (entry === undefined) return undefined;
  const isWell = findings.some(({ code }) => code === 'healthy') && !findings.some(isWorthTelling);
  return isWell ? learn(entry, evidence, entry, now) : learnBoot(entry, evidence, now);
}

const byRoleAndName = ({ target: a }: PatrolNode, { target: b }: PatrolNode): number =>
  Number(a.role === 'worker') - Number(b.role === 'worker') || a.name.localeCompare(b.name, 'en', { numeric: true });
