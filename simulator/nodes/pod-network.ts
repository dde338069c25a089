import { NODE_NAMES } from './scenario-schema.ts';
import type { NodeState } from './state.ts';

const names: readonly string[] = NODE_NAMES;

/** The part of the cluster's pod network that Kubernetes gives to a node. */
export const podCidrOf = ({ name }: NodeState): string => `10.244.${names.indexOf(name)}.0/24`;
