import * as boot from './boot-steps.ts';
import * as disk from './disk-steps.ts';
import * as maintenance from './maintenance-steps.ts';
import * as run from './run-steps.ts';
import * as sequence from './sequence-steps.ts';
import type { ClusterState, NodeState } from './state.ts';
import type { Next, Step } from './step.ts';

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
    case 'metadata_is_asked_for':
      return boot.metadataIsAskedFor(node, at);
    case 'metadata_arrives':
      return boot.metadataArrives(node, at);
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
      return run.runtimeStarts(node, at);
    case 'etcd_starts':
      return run.etcdStarts(cluster, node, at);
    case 'kubelet_starts':
      return run.kubeletStarts(node, at);
    case 'service_is_up':
      return run.serviceComesUp(cluster, node, at, step.id);
    case 'boot_is_done':
      return run.bootIsDone(cluster, node, at);
    case 'nodename_follows':
      return run.nodenameFollows(cluster, node, at);
    case 'config_names':
      return run.configNames(node, at, step.hostname);
    case 'config_reverts':
      return run.configReverts(cluster, node, at, step.config);
    case 'sequence_starts':
      return sequence.sequenceStarts(node, at, step.run);
    case 'phase':
      return sequence.runsPhase(cluster, node, at, step.n, step.run);
    case 'kernel_restarts':
      return sequence.kernelRestarts(node, at, step.run);
    case 'falls_silent':
      return sequence.fallsSilent(cluster, node);
    case 'powers_off':
      return sequence.powersOff(cluster, node);
  }
}
