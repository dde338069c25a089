import * as address from './address-steps.ts';
import { configIsApplied } from './applied-config.ts';
import * as boot from './boot-steps.ts';
import { discoveryIsTried } from './discovery.ts';
import { systemDiskDies } from './disk-death.ts';
import * as disk from './disk-steps.ts';
import { repairFails } from './ephemeral-steps.ts';
import * as etcd from './etcd-steps.ts';
import * as maintenance from './maintenance-steps.ts';
import * as run from './run-steps.ts';
import * as sequences from './sequence-steps.ts';
import * as services from './service-steps.ts';
import * as signs from './sign-steps.ts';
import type { ClusterState, NodeState } from './state.ts';
import type { Next, Step } from './step.ts';
import { userDataIsAskedFor } from './user-data.ts';
import { workIsDone } from './work.ts';

/** What a step does to a node, and what it leads to. The only place where a node changes by itself. */
export function applyStep(cluster: ClusterState, node: NodeState, step: Step, at: number): Next[] {
  if (node.boot === undefined && step.kind !== 'kernel_starts') return [];
  switch (step.kind) {
    case 'kernel_starts':
      return boot.kernelStarts(cluster, node, at);
    case 'initializes':
      return boot.initializes(node, at);
    case 'disk_attaches':
      return disk.diskAttaches(cluster, node, at);
    case 'devices_settle':
      return disk.devicesSettle(cluster, node, at);
    case 'state_window_closes':
      return disk.stateWindowCloses(node, at);
    case 'config_is_unreadable':
      return disk.configIsUnreadable(node, at, step.tries);
    case 'metadata_is_asked_for':
      return boot.metadataIsAskedFor(node, at);
    case 'metadata_arrives':
      return boot.metadataArrives(node, at);
    case 'user_data_is_asked_for':
      return userDataIsAskedFor(node, at);
    case 'enters_maintenance':
      return maintenance.entersMaintenance(node, at);
    case 'takes_config':
      return maintenance.takesConfig(cluster, node, at);
    case 'installs':
      return maintenance.installs(node, at);
    case 'boot_continues':
      return run.bootContinues(node, at);
    case 'network_is_ready':
      return run.networkIsReady(node, at);
    case 'api_starts':
      return run.apiStarts(node, at);
    case 'runtime_starts':
      return run.runtimeStarts(cluster, node, at);
    case 'etcd_starts':
      return etcd.etcdStarts(cluster, node, at);
    case 'kubelet_starts':
      return run.kubeletStarts(node, at);
    case 'service_is_up':
      return run.serviceComesUp(cluster, node, at, step.id);
    case 'boot_is_done':
      return run.bootIsDone(cluster, node, at, step);
    case 'condition_is_checked':
      return run.conditionIsChecked(cluster, node, at, step.id);
    case 'service_crashes':
      return services.serviceCrashes(node, at, step.id, step.cause);
    case 'service_restarts':
      return services.serviceRestarts(cluster, node, at, step.id);
    case 'ephemeral_opens':
      return run.ephemeralOpens(node, at);
    case 'repair_fails':
      return repairFails(node, at);
    case 'system_disk_dies':
      return systemDiskDies(node, at);
    case 'kernel_says':
      return signs.kernelSays(node, at, step.n, step.left);
    case 'log_says':
      return signs.logSays(node, at, step.id, step.n, step.left);
    case 'nodename_follows':
      return run.nodenameFollows(cluster, node, at);
    case 'config_names':
      return run.configNames(node, at, step.hostname);
    case 'config_is_applied':
      return configIsApplied(cluster, node, at, step.applied);
    case 'config_reverts':
      return run.configReverts(cluster, node, at, step.config);
    case 'sequence_starts':
      return sequences.sequenceStarts(node, at, step.actorId, step.order, step.takesOver);
    case 'phase':
      return sequences.phaseStarts(node, at, step.n, step.actorId);
    case 'phase_ends':
      return sequences.phaseEnds(cluster, node, at, step);
    case 'takeover_times_out':
      return sequences.takeoverTimesOut(node, at, step.sequence);
    case 'kernel_restarts':
      return sequences.kernelRestarts(node, at, step.actorId);
    case 'falls_silent':
      return sequences.fallsSilent(cluster, node, step);
    case 'staged_upgrade_installs':
      return maintenance.stagedUpgradeInstalls(cluster, node, at, step.image);
    case 'etcd_joins':
      return etcd.etcdJoins(cluster, node, at, step.tries);
    case 'etcd_promotes':
      return etcd.etcdPromotes(cluster, node, at, step.tries);
    case 'etcd_crashes':
      return etcd.etcdCrashes(node, at);
    case 'etcd_retries':
      return etcd.etcdRetries(node, at);
    case 'etcd_is_checked':
      return etcd.etcdFirstCheck(cluster, node, at);
    case 'address_is_lost':
      return address.addressIsLost(node, at);
    case 'address_is_back':
      return address.addressIsBack(node, at);
    case 'discovery_is_tried':
      return discoveryIsTried(cluster, node, at);
    case 'etcd_writes':
      return etcd.etcdWrites(cluster, node);
    case 'work_is_done':
      return workIsDone(node, step.id);
  }
}
