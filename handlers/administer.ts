import type { StoredConfigs } from '../lib/actions/stored-config.ts';
import type { Acting } from '../lib/flow/acting.ts';
import type { BackingUp } from '../lib/flow/backup-config.ts';
import { configKeeper } from '../lib/flow/config-keeper.ts';
import { jobHandler } from './job.ts';
import { actingSteps } from './operate.ts';

type Administering = Acting & BackingUp & { readonly configs: StoredConfigs };

/** Holds os:admin: reads the stored config that a plan names, and keeps the running one before it changes a node. */
export const administerHandler = (deps: Administering) =>
  jobHandler(actingSteps({ ...deps, keeper: configKeeper(deps) }));
