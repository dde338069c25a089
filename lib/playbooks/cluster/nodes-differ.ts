import type { ActionName } from '../../approvals/action-name.ts';
import type { NodeRole } from '../../inventory/entry.ts';
import { cite, few, list, quote } from '../cite.ts';
import type { Citation, Finding } from '../finding.ts';
import type { ClusterFinding, ClusterPlaybook, NodeFacts } from './cluster-facts.ts';

/** What nodes of one role are expected to share. A config is for admins, so only its traces are compared. */
type Trait = {
  readonly reading: Citation['reading'];
  readonly name: string;
  readonly of: (facts: NodeFacts) => readonly string[] | undefined;
};
type Kind = {
  readonly code: string;
  readonly traits: readonly Trait[];
  readonly remedy: ActionName;
  readonly advice: string;
};

const KINDS: readonly Kind[] = [
  {
    code: 'extensions_differ',
    remedy: 'upgrade',
    traits: [{ reading: 'extensions', name: 'extensions', of: ({ extensions }) => extensions }],
    advice:
      'If that is not wanted, upgrade it to its own version with the Image Factory schematic of the others: a config or a reboot changes no extension.',
  },
  {
    code: 'config_differs',
    remedy: 'apply_config',
    traits: [
      { reading: 'kernelModuleSpecs', name: 'configured kernel modules', of: ({ kernelModules }) => kernelModules },
      { reading: 'timeServers', name: 'time servers', of: ({ timeServers }) => timeServers },
      { reading: 'resolvers', name: 'name servers', of: ({ resolvers }) => resolvers },
    ],
    advice:
      'Compare its machine config with that of the others (talosctl get machineconfig, as an admin) and apply the one that is meant; DHCP may hand out name and time servers too.',
  },
  {
    code: 'version_differs',
    remedy: 'upgrade',
    traits: [
      {
        reading: 'version',
        name: 'Talos version',
        of: ({ version }) => (version === undefined ? undefined : [version]),
      },
    ],
    advice:
      'If no upgrade is under way, it was left out of one or fell back: upgrade it to the version of the others, and look at its console for the boot that failed.',
  },
];

/** Below this nobody can say who is the odd one out. */
const ENOUGH_NODES = 3;

/**
 * Nodes that are not like the others of their role. One alone is the odd one out; several alike may be a pool of their
 * own, which is information. What was not read of a node is compared with nothing.
 */
export const nodesDiffer: ClusterPlaybook = {
  name: 'nodes-differ',
  compare: ({ nodes }) =>
    ROLES.flatMap((role) => {
      const alike = nodes.filter((one) => one.role === role);
      return KINDS.flatMap((kind) => {
        const norms = kind.traits.flatMap((trait) => normOf(trait, alike));
        return alike.flatMap((node) => differenceOf(kind, norms, node));
      });
    }),
};
const ROLES: readonly NodeRole[] = ['controlplane', 'worker'];

/** What more than half of them have, how many those are, and how many have what. */
type Norm = {
  readonly trait: Trait;
  readonly value: readonly string[];
  readonly nodes: number;
  readonly counts: ReadonlyMap<string, number>;
};

/** Without a majority there is nothing to be unlike. */
function normOf(trait: Trait, alike: readonly NodeFacts[]): readonly Norm[] {
  const values = alike.map(trait.of).filter((value) => value !== undefined);
  if (values.length < ENOUGH_NODES) return [];
  const counts = new Map<string, number>();
  for (const value of values) counts.set(keyOf(value), (counts.get(keyOf(value)) ?? 0) + 1);
  const [key, nodes] = [...counts].toSorted((a, b) => b[1] - a[1])[0] ?? ['', 0];
  const value = values.find((one) => keyOf(one) === key);
  return value === undefined || nodes * 2 <= values.length ? [] : [{ trait, value, nodes, counts }];
}

function differenceOf(kind: Kind, norms: readonly Norm[], node: NodeFacts): readonly ClusterFinding[] {
  const broken = norms.filter(({ trait, value }) => keyOf(trait.of(node) ?? value) !== keyOf(value));
  const [first] = broken;
  if (first === undefined) return [];
  const isAlone = broken.some(({ trait, counts }) => counts.get(keyOf(trait.of(node) ?? [])) === 1);
  const others = node.role === 'worker' ? 'workers' : 'control planes';
  const finding: Finding = {
    code: kind.code,
    severity: isAlone ? 'warning' : 'info',
    confidence: isAlone ? 'likely' : 'possible',
    summary: `${quote(node.node)} is not like ${first.nodes} other ${others}: ${list(broken.map((norm) => inWords(norm, node)))}.`,
    evidence: broken.flatMap(({ trait, value }) => [
      cite(trait.reading, `${node.node}: ${listed(trait.of(node) ?? [])}.`),
      cite(trait.reading, `The others: ${listed(value)}.`),
    ]),
    suggests: [kind.remedy],
    rulesOut: [],
    advice: kind.advice,
  };
  return [{ node: node.node, finding }];
}

const keyOf = (words: readonly string[]): string => JSON.stringify(words);
const listed = (words: readonly string[]): string => (words.length === 0 ? 'none' : few(words));

/** `extensions (has iscsi-tools v0.1.4, lacks iscsi-tools v0.1.6)` */
function inWords({ trait, value }: Norm, node: NodeFacts): string {
  const own = trait.of(node) ?? [];
  const has = own.filter((word) => !value.includes(word));
  const lacks = value.filter((word) => !own.includes(word));
  const parts = [has.length > 0 ? `has ${few(has)}` : '', lacks.length > 0 ? `lacks ${few(lacks)}` : ''];
  return `${trait.name} (${parts.filter((part) => part !== '').join(', ')})`;
}
