import { type Patrolling, patrol } from '../lib/flow/patrol.ts';
import { jobHandler } from './job.ts';

/** Holds os:reader: looks over all nodes of a cluster. */
export const patrolHandler = (deps: Patrolling) => jobHandler({ patrol: (stream) => patrol(deps, stream) });
