import { act } from '../lib/flow/act.ts';
import type { Acting } from '../lib/flow/acting.ts';
import { preparePlan } from '../lib/flow/prepare-plan.ts';
import { release } from '../lib/flow/release.ts';
import { type JobStep, jobHandler } from './job.ts';

/** What every function with an acting identity does: plans, acts, gives the lease back. */
export const actingSteps = (deps: Acting): Readonly<Record<string, JobStep>> => ({
  plan: (stream, planId) => preparePlan(deps, stream, planId),
  act: (stream, planId) => act(deps, stream, planId),
  release: (stream, planId) => release(deps, stream, planId),
});

/** Holds os:operator. */
export const operateHandler = (deps: Acting) => jobHandler(actingSteps(deps));
