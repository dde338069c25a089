import { loadConfiguredModules } from './kernel-modules.ts';
import { readMachineConfig } from './read-machine-config.ts';
import { bootOf } from './record.ts';
import type { ClusterState, NodeState } from './state.ts';

/**
 * The config counts from now on. Talos takes whichever cluster's config it is given: with secrets of another one the
 * machine belongs to that other one. (All clusters that are not ours share one CA here.)
 */
export function takeEffect(cluster: ClusterState, node: NodeState, text: string): void {
  bootOf(node).activeConfig = text;
  const read = readMachineConfig(text);
  if ('config' in read) node.physical.cluster = read.config.caPem === cluster.own.ca.certPem ? 'own' : 'foreign';
  loadConfiguredModules(node);
}
