import { act } from '../lib/flow/act.ts';
import type { Acting } from '../lib/flow/acting.ts';
import { preparePlan } from '../lib/flow/prepare-plan.ts';
import { release } from '../lib/flow/release.ts';
import { jobHandler } from './job.ts';

/** Holds one acting identity (os:operator here, os:admin in administer.ts): plans, acts, gives the lease back. */
export const operateHandler = (deps: Acting) =>
  jobHandler({
    plan: (stream, planId) => preparePlan(deps, stream, planId),
    act: (stream, planId) => act(deps, stream, planId),
    release: (stream, planId) => release(deps, stream, planId),
  });
