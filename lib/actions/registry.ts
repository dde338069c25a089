import type { ActionName } from '../playbooks/finding.ts';
import type { TalosAdmin, TalosOperator } from '../talos/orders.ts';
import type { Action, ActionJudge } from './action.ts';
import { reboot, rebootJudge } from './reboot.ts';
import { restoreConfig, restoreConfigJudge } from './restore-config.ts';
import type { StoredConfigs } from './stored-config.ts';

/** Probing and verifying need no rights, so every function has the judges. */
export const actionJudges: Readonly<Record<ActionName, ActionJudge>> = {
  reboot: rebootJudge,
  restore_config: restoreConfigJudge,
};

/** What a function can do with the identities that it holds. */
export const operatorActions = (talos: Pick<TalosOperator, 'reboot'>): Partial<Record<ActionName, Action>> => ({
  reboot: reboot(talos),
});
export const adminActions = (
  talos: Pick<TalosAdmin, 'applyInMaintenance'>,
  configs: StoredConfigs,
  clusterCaPem: (cluster: string) => string,
): Partial<Record<ActionName, Action>> => ({ restore_config: restoreConfig(talos, configs, clusterCaPem) });
