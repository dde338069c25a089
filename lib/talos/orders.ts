import type { Result } from '../result.ts';
import type { NodeTarget } from './talos.ts';
import type { TalosError } from './talos-error.ts';

/**
 * What may be asked of a node that changes it, one call each. `deadlineMs` is for the call and the look at the version
 * before it. No order can say what must never be said: a reset without partitions, a reboot that is none, mode REBOOT of
 * an apply, an upgrade without its checks.
 */
export type RebootMode = 'default' | 'powercycle' | 'force';

/** Wiping STATE takes the machine config: the node comes back in maintenance mode. `graceful`: it leaves etcd first. */
export type ResetOrder = { readonly wipe: 'ephemeral' | 'state_and_ephemeral'; readonly graceful: boolean };

/** `stage`: installed early in the next boot. `image`: with a tag or a digest. */
export type UpgradeOrder = {
  readonly image: string;
  readonly stage: boolean;
  readonly rebootMode: 'default' | 'powercycle';
};

/** `config` is whole: Talos merges nothing. `try` comes back by itself, also when nobody is there to undo it. */
export type ApplyOrder = { readonly config: string; readonly dryRun: boolean } & (
  | { readonly mode: 'auto' | 'no_reboot' | 'staged' }
  | { readonly mode: 'try'; readonly revertAfterS: number }
);

/** Where an etcd snapshot goes. It is asked for no faster than it is taken; an error ends it. */
export interface SnapshotSink {
  write(bytes: Uint8Array): Promise<Result<void, string>>;
}

type Deadline = { readonly deadlineMs: number };
/** `actorId` names the sequence in the events. The reply says only that it was asked for. */
type Started = Promise<Result<{ readonly actorId: string }, TalosError>>;
type Done = Promise<Result<void, TalosError>>;

/** With an `os:operator` certificate. */
export interface TalosOperator {
  /** Source: MachineService/Reboot. `force` from 1.12 on. */
  reboot(target: NodeTarget, order: Deadline & { readonly mode: RebootMode }): Started;
  /** Source: MachineService/ServiceRestart. Only the kubelet and extension services. */
  restartService(
    target: NodeTarget,
    order: Deadline & { readonly service: string },
  ): Promise<Result<{ readonly says: string }, TalosError>>;
  /** Source: ImageService/Pull, from 1.13 on. `name` is pinned to a digest: `installUpgrade` takes that one. */
  pullImage(
    target: NodeTarget,
    order: Deadline & { readonly image: string },
  ): Promise<Result<{ readonly name: string }, TalosError>>;
  /** Source: MachineService/EtcdDefragment. The member serves nobody meanwhile. */
  etcdDefragment(target: NodeTarget, order: Deadline): Done;
  /** Source: MachineService/EtcdAlarmDisarm. */
  etcdDisarmAlarms(target: NodeTarget, order: Deadline): Done;
  /**
   * Source: MachineService/EtcdSnapshot. Complete, or an error: etcd's own checksum at its end is compared.
   * `sha256` is that of the whole file. It holds every secret of the cluster.
   */
  etcdSnapshot(
    target: NodeTarget,
    order: Deadline & { readonly sink: SnapshotSink; readonly maxBytes: number },
  ): Promise<Result<{ readonly sizeBytes: number; readonly sha256: string }, TalosError>>;
}

/** With an `os:admin` certificate, or with none to a node in maintenance mode. */
export interface TalosAdmin {
  /** Source: resource MachineConfigs. Changes nothing; what comes back holds every secret of the node and the cluster. */
  readConfig(target: NodeTarget, order: Deadline): Promise<Result<RunningConfig, TalosError>>;
  /** Source: MachineService/ApplyConfiguration. `auto` reboots up to 1.13 where the change needs it. */
  applyConfig(target: NodeTarget, order: Deadline & ApplyOrder): Promise<Result<AppliedConfig, TalosError>>;
  /**
   * Source: MachineService/ApplyConfiguration on the unverified maintenance connection, mode AUTO, without a client
   * certificate. `spki` is the frozen key of the node's boot: another key is `spki_changed` and nothing is sent.
   */
  applyInMaintenance(
    target: NodeTarget,
    order: Deadline & { readonly config: string; readonly spki: string; readonly dryRun: boolean },
  ): Promise<Result<AppliedConfig, TalosError>>;
  /** Source: MachineService/Upgrade, up to 1.12: pulls, checks etcd, drains, installs, reboots. Takes minutes to reply. */
  upgrade(target: NodeTarget, order: Deadline & UpgradeOrder): Started;
  /** Source: LifecycleService/Upgrade, from 1.13 on: installs a pulled image. In effect after the next boot. */
  installUpgrade(
    target: NodeTarget,
    order: Deadline & { readonly image: string },
  ): Promise<Result<{ readonly says: readonly string[] }, TalosError>>;
  /** Source: MachineService/Rollback. Names no actor. */
  rollback(target: NodeTarget, order: Deadline): Done;
  /** Source: MachineService/Reset. Reboots afterwards. */
  reset(target: NodeTarget, order: Deadline & ResetOrder): Started;
  /** Source: MachineService/EtcdForfeitLeadership. `newLeader` may be empty. */
  etcdForfeitLeadership(
    target: NodeTarget,
    order: Deadline,
  ): Promise<Result<{ readonly newLeader: string }, TalosError>>;
  /** Source: MachineService/EtcdRemoveMemberByID, asked of a member that stays. `memberId` is a decimal uint64. */
  etcdRemoveMember(target: NodeTarget, order: Deadline & { readonly memberId: string }): Done;
}

export type RunningConfig = {
  /** What is in effect, also while it is only tried. */
  readonly active: string;
  /** What the next boot takes: another text than `active` was staged, or another one is tried. Unknown up to 1.9. */
  readonly onDisk: string | undefined;
};
export type AppliedConfig = {
  readonly mode: string;
  readonly modeDetails: string;
  readonly warnings: readonly string[];
};
