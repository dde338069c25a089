import type { ActionName } from '../approvals/action-name.ts';
import type { ImageFactory } from '../factory/image-factory.ts';
import type { TalosAdmin, TalosOperator } from '../talos/orders.ts';
import type { Action, ActionJudge } from './action.ts';
import { applyConfig } from './apply-config.ts';
import { applyJudge } from './apply-judge.ts';
import { defragmentEtcd, defragmentEtcdJudge } from './defragment-etcd.ts';
import { disarmEtcdAlarm, disarmEtcdAlarmJudge } from './disarm-etcd-alarm.ts';
import { reboot, rebootJudge } from './reboot.ts';
import { restartService, restartServiceJudge } from './restart-service.ts';
import { restoreConfig, restoreConfigJudge } from './restore-config.ts';
import type { StoredConfigs } from './stored-config.ts';
import { upgrade } from './upgrade.ts';
import { upgradeJudge } from './upgrade-judge.ts';

/** Probing and verifying need no rights, so every function has the judges. */
export const actionJudges: Readonly<Partial<Record<ActionName, ActionJudge>>> = {
  apply_config: applyJudge,
  reboot: rebootJudge,
  restart_service: restartServiceJudge,
  restore_config: restoreConfigJudge,
  defragment_etcd: defragmentEtcdJudge,
  disarm_etcd_alarm: disarmEtcdAlarmJudge,
  upgrade: upgradeJudge,
};

/** Throws for an action that is in no plan: nothing is planned without its judge. */
export function judgeOf(action: ActionName): ActionJudge {
  const judge = actionJudges[action];
  if (judge === undefined) throw new Error(`no judge for ${action}`);
  return judge;
}

/** What a function can do with the identities that it holds. */
export type OperatorPorts = { readonly operator: TalosOperator };
export const operatorActions = ({ operator }: OperatorPorts): Partial<Record<ActionName, Action>> => ({
  reboot: reboot(operator),
  restart_service: restartService(operator),
  defragment_etcd: defragmentEtcd(operator),
  disarm_etcd_alarm: disarmEtcdAlarm(operator),
});

export type AdminPorts = {
  readonly admin: TalosAdmin;
  /** What an operator may, an administrator may too. */
  readonly operator: TalosOperator;
  readonly factory: ImageFactory;
  readonly configs: StoredConfigs;
  readonly clusterCaPem: (cluster: string) => string;
};
export const adminActions = (ports: AdminPorts): Partial<Record<ActionName, Action>> => ({
  apply_config: applyConfig(ports),
  restore_config: restoreConfig(ports.admin, ports.configs, ports.clusterCaPem),
  upgrade: upgrade(ports),
});
