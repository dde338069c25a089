import type { BackingUp } from '../lib/flow/backup-config.ts';
import { backupIfDue } from '../lib/flow/backup-schedule.ts';
import type { Deps } from '../lib/flow/deps.ts';
import { jobHandler } from './job.ts';

/** Holds os:admin to read running configs, and may put backups: it can neither open, replace nor delete one. */
export const backupHandler = (deps: BackingUp & Pick<Deps, 'config'>) =>
  jobHandler({ backup: (stream, node) => backupIfDue(deps, stream, node) });
