import type { NodeState } from './state.ts';
import { hostOf } from './topology.ts';

/** The part of the cluster's pod network that Kubernetes gives to a node. */
export const podCidrOf = ({ name }: Pick<NodeState, 'name'>): string => `10.244.${hostOf(name)}.0/24`;
