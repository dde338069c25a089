import type { ActionName } from '../approvals/action-name.ts';
import type { Vault } from '../blobs/vault.ts';
import type { ImageFactory } from '../factory/image-factory.ts';
import type { DataKeys } from '../sealing/data-keys.ts';
import type { TalosAdmin, TalosOperator } from '../talos/orders.ts';
import type { Action, ActionJudge } from './action.ts';
import { applyConfig } from './apply-config.ts';
import { applyJudge } from './apply-judge.ts';
import { defragmentEtcd, defragmentEtcdJudge } from './defragment-etcd.ts';
import { disarmEtcdAlarm, disarmEtcdAlarmJudge } from './disarm-etcd-alarm.ts';
import { forfeitEtcdLeadership, forfeitEtcdLeadershipJudge } from './forfeit-etcd-leadership.ts';
import { reboot, rebootJudge } from './reboot.ts';
import { removeEtcdMember, removeEtcdMemberJudge } from './remove-etcd-member.ts';
import { reset } from './reset.ts';
import { resetJudge } from './reset-judge.ts';
import { restartService, restartServiceJudge } from './restart-service.ts';
import { restoreConfig, restoreConfigJudge } from './restore-config.ts';
import { rollback, rollbackJudge } from './rollback.ts';
import type { StoredConfigs } from './stored-config.ts';
import { upgrade } from './upgrade.ts';
import { upgradeJudge } from './upgrade-judge.ts';

/** Probing and verifying need no rights, so every function has the judges. */
export const actionJudges: Readonly<Record<ActionName, ActionJudge>> = {
  reset_ephemeral: resetJudge('reset_ephemeral'),
  reset_state_and_ephemeral: resetJudge('reset_state_and_ephemeral'),
  apply_config: applyJudge,
  reboot: rebootJudge,
  restart_service: restartServiceJudge,
  restore_config: restoreConfigJudge,
  defragment_etcd: defragmentEtcdJudge,
  disarm_etcd_alarm: disarmEtcdAlarmJudge,
  rollback: rollbackJudge,
  remove_etcd_member: removeEtcdMemberJudge,
  forfeit_etcd_leadership: forfeitEtcdLeadershipJudge,
  upgrade: upgradeJudge,
};

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
  readonly keys: DataKeys;
  readonly vault: Vault;
  readonly configs: StoredConfigs;
  readonly clusterCaPem: (cluster: string) => string;
};
export const adminActions = (ports: AdminPorts): Partial<Record<ActionName, Action>> => ({
  apply_config: applyConfig(ports),
  reset_ephemeral: reset('reset_ephemeral', ports),
  reset_state_and_ephemeral: reset('reset_state_and_ephemeral', ports),
  restore_config: restoreConfig(ports.admin, ports.configs, ports.clusterCaPem),
  rollback: rollback(ports.admin),
  upgrade: upgrade(ports),
  forfeit_etcd_leadership: forfeitEtcdLeadership(ports.admin),
  remove_etcd_member: removeEtcdMember(ports.admin, { talos: ports.operator, ...ports }),
});
