import type { ClusterFacts, ClusterFinding, ClusterPlaybook } from './cluster-facts.ts';
import { nodesDiffer } from './nodes-differ.ts';
import { ourCertificateEndsSoon } from './our-certificate-ends-soon.ts';

/** What is seen only when all nodes of a cluster were looked at. */
const clusterPlaybooks: readonly ClusterPlaybook[] = [ourCertificateEndsSoon, nodesDiffer];

export const compareCluster = (facts: ClusterFacts): readonly ClusterFinding[] =>
  clusterPlaybooks.flatMap(({ compare }) => compare(facts));
