import { collectEvidence } from './collect.ts';
import { followEvents } from './follow.ts';
import type { ClusterAccess, TalosReader } from './talos.ts';

/** Reading with the `os:reader` identity. `follow`: how to open it before acting is said in follow.ts. */
export const createReader = (access: ClusterAccess): TalosReader => ({
  collect: (target, options) => collectEvidence(access, target, options),
  follow: (target, { signal }) => followEvents(access, target, signal),
});
