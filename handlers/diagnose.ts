import { diagnose } from '../lib/flow/diagnose.ts';
import { type Verifying, verify } from '../lib/flow/verify.ts';
import { jobHandler } from './job.ts';

/** Holds os:reader: diagnoses and verifies. */
export const diagnoseHandler = (deps: Verifying) =>
  jobHandler({
    diagnose: (stream) => diagnose(deps, stream),
    verify: (stream, planId) => verify(deps, stream, planId),
  });
