import type { ClusterState, NodeState } from './state.ts';

/** One COSI resource as the node would print it: `spec` with the keys of pkg/machinery/resources. */
export type CosiResource = {
  readonly namespace: string;
  readonly id: string;
  readonly spec: unknown;
  /** Counts its changes. Default 1. */
  readonly version?: number;
  /** Last change, milliseconds since the epoch. Default: the start of the boot. */
  readonly updatedAt?: number;
  readonly owner?: string;
};
export type ResourceContext = { readonly cluster: ClusterState; readonly node: NodeState; readonly now: number };
/** All instances of one type, in every namespace. */
export type ResourceSource = (context: ResourceContext) => readonly CosiResource[];

export const one = (namespace: string, id: string, spec: unknown, more: Partial<CosiResource> = {}): CosiResource => ({
  namespace,
  id,
  spec,
  ...more,
});
