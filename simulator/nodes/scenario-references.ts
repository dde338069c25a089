import type { ProblemAt } from '../../lib/yaml/yaml-file.ts';
import { roleOf } from './physical.ts';
import type { Scenario, ScenarioFile } from './scenario-schema.ts';
import { describeNames, nodeNames, type Topology } from './topology.ts';

/** What a file says about nodes that cannot be so in its cluster. `problemAt` is that of the file. */
export const wrongReferences = (scenario: Scenario, file: ScenarioFile, problemAt: ProblemAt): readonly string[] => [
  ...unknownNodes(scenario, file, problemAt),
  ...keysOfControlPlanes(file, problemAt),
];

/** Nodes that are spoken of and that the cluster of the scenario does not have. */
function unknownNodes(
  { topology, nodes, cuts, alerts, expect }: Scenario,
  file: ScenarioFile,
  problemAt: ProblemAt,
): readonly string[] {
  const known = new Set(nodeNames(topology));
  const says = (name: string) => `unknown node "${name}", there are ${describeNames(topology)}`;
  const own = Object.keys(file.nodes ?? {});
  const inherited = Object.keys(nodes).filter((name) => !own.includes(name));
  return [
    ...own.filter((name) => !known.has(name)).map((name) => problemAt(['nodes'], name, says(name))),
    ...inherited
      .filter((name) => !known.has(name))
      .map((name) => problemAt([], 'cluster', `${says(name)}, but ${file.extends} says something about it`)),
    ...unknownParties(topology, cuts).map(({ name, cut, side }) => {
      const path = file.network === undefined ? ['extends'] : ['network', 'cuts', cut, 'between', side];
      return problemAt(path, undefined, says(name));
    }),
    ...alerts.flatMap(({ labels: { node } }, n) =>
      known.has(node) ? [] : [problemAt(['alerts', n, 'labels', 'node'], undefined, says(node))],
    ),
    ...(expect.node === undefined || known.has(expect.node)
      ? []
      : [problemAt(['expect', 'node'], undefined, says(expect.node))]),
  ];
}

export const unknownParties = (topology: Topology, cuts: Scenario['cuts']) => {
  const known = new Set([...nodeNames(topology), 'all', 'medic', 'discovery']);
  return cuts.flatMap(({ between }, cut) =>
    between.flatMap((name, side) => (known.has(name) ? [] : [{ name, cut, side }])),
  );
};

const OF_CONTROL_PLANES = ['etcd', 'staticPods'] as const;
const keysOfControlPlanes = (file: ScenarioFile, problemAt: ProblemAt): readonly string[] =>
  Object.entries(file.nodes ?? {}).flatMap(([name, part]) =>
    OF_CONTROL_PLANES.filter((key) => roleOf(name) === 'worker' && part[key] !== undefined).map((key) =>
      problemAt(['nodes', name], key, `${name} is a worker, "${key}" is for control planes`),
    ),
  );
