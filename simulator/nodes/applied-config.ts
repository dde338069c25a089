import { withChange } from './change-config.ts';
import { updateHostname } from './hostname.ts';
import type { AppliedConfig } from './machine-schema.ts';
import { bootOf, talos } from './record.ts';
import type { ClusterState, NodeState } from './state.ts';
import { after, type Next } from './step.ts';
import { takeEffect } from './take-effect.ts';

/** What a scenario says that somebody applied; the calls of the API are checked and answered elsewhere. */
export function configIsApplied(cluster: ClusterState, node: NodeState, at: number, applied: AppliedConfig): Next[] {
  const { disk } = node.physical;
  if (bootOf(node).activeConfig === undefined || disk.config === undefined) return [];
  const { after: _, mode, ...change } = applied;
  talos(node, at, `apply config request: mode ${mode}`);
  disk.config = withChange(disk.config, change);
  if (mode === 'staged') return [];
  takeEffect(cluster, node, disk.config);
  return updateHostname(node, at) ? [after(4_000, { kind: 'nodename_follows' })] : [];
}
