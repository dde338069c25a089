import { collectEvidence } from './collect.ts';
import { followNode } from './follow.ts';
import { patrolNodes } from './patrol.ts';
import type { ClusterAccess, TalosReader } from './talos.ts';
import { watchNode } from './watch.ts';

/** Reading with the `os:reader` identity. */
export const createReader = (access: ClusterAccess): TalosReader => ({
  collect: (target, options) => collectEvidence(access, target, options),
  patrol: (targets, options) => patrolNodes(access, targets, options),
  follow: (target, options) => followNode(access, target, options),
  watch: (target, name, signal) => watchNode(access, target, name, signal),
});
