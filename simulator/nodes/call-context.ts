import type { Refusal } from './access.ts';
import type { Engine } from './engine.ts';
import type { Journal } from './journal.ts';
import type { ClusterState, NodeState } from './state.ts';

/** What the handlers of a node need from the cluster around it. */
export interface Surroundings {
  readonly state: ClusterState;
  readonly engine: Engine;
  readonly journal: Journal;
  now(): number;
  /** Resolves at the next change of the node, or when the signal aborts. */
  changed(node: NodeState, signal: AbortSignal): Promise<void>;
  /** Makes a change that did not come from the engine visible and durable. */
  touch(node: NodeState): void;
  /** Ends every connection to the node. */
  drop(node: NodeState): void;
}

export type CallContext = {
  readonly around: Surroundings;
  /** The node that answers. */
  readonly node: NodeState;
  readonly roles: readonly string[];
  /** Another call of the same method is being answered, slowly. */
  readonly isOverlapping: boolean;
};
export type Answer<T> = { readonly value: T } | { readonly refusal: Refusal };
export const answer = <T>(value: T): Answer<T> => ({ value });
export const refuse = (refusal: Refusal): { readonly refusal: Refusal } => ({ refusal });
