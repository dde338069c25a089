import type { Evidence } from '../../evidence/evidence.ts';
import { readValue } from '../../evidence/reading.ts';
import type { NodeRole } from '../../inventory/entry.ts';
import { isExtensionLayer } from '../extension-layers.ts';
import type { Finding } from '../finding.ts';

/** What one look at a node leaves for the comparison of all nodes. Sorted lists; undefined: not read. */
export type NodeFacts = {
  readonly node: string;
  readonly role: NodeRole;
  readonly version: string | undefined;
  /** `name version` of each layer. */
  readonly extensions: readonly string[] | undefined;
  readonly kernelModules: readonly string[] | undefined;
  readonly timeServers: readonly string[] | undefined;
  readonly resolvers: readonly string[] | undefined;
};

/** One of our own certificates: for which role, and until when (ISO 8601). */
export type OwnCertificate = { readonly role: 'reader' | 'operator' | 'admin'; readonly endsAt: string };

export type ClusterFacts = {
  readonly cluster: string;
  /** When it was looked at, ISO 8601. */
  readonly at: string;
  readonly nodes: readonly NodeFacts[];
  readonly certificates: readonly OwnCertificate[];
};

/** About one node of many; `node` is empty for what concerns the cluster as a whole. */
export type ClusterFinding = { readonly node: string; readonly finding: Finding };

/** As `Playbook`, over all nodes of a cluster: only a patrol has looked at all of them. */
export type ClusterPlaybook = {
  readonly name: string;
  readonly compare: (facts: ClusterFacts) => readonly ClusterFinding[];
};

export function nodeFacts(evidence: Evidence, name: string, role: NodeRole): NodeFacts {
  const { readings } = evidence;
  const sorted = (words: readonly string[] | undefined) => words && [...new Set(words)].toSorted();
  return {
    node: name,
    role,
    version: readValue(readings.version)?.tag,
    extensions: sorted(
      readValue(readings.extensions)
        ?.filter(isExtensionLayer)
        .map((layer) => `${layer.name} ${layer.version}`),
    ),
    kernelModules: sorted(readValue(readings.kernelModuleSpecs)?.map((module) => module.name)),
    timeServers: sorted(readValue(readings.timeServers)),
    resolvers: sorted(readValue(readings.resolvers)),
  };
}
