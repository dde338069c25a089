import { queueBackups } from '../lib/flow/backup-schedule.ts';
import type { Deps } from '../lib/flow/deps.ts';
import { type Dispatching, sweep } from '../lib/flow/dispatch.ts';
import { expire } from '../lib/flow/release.ts';
import { jobHandler } from './job.ts';

/** Every minute: what nobody woke, and configs whose backup is due. */
export const sweepHandler = (deps: Dispatching & Pick<Deps, 'config'>) => async () => {
  await sweep(deps);
  await queueBackups(deps);
};

/** Expiry needs no identity, so the sweep does it itself. */
export const expireHandler = (deps: Deps) => jobHandler({ expire: (stream, planId) => expire(deps, stream, planId) });
