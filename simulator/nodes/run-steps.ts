import { confirmUpgrade } from './boot-entries.ts';
import { lateServices, serviceIsUp, startService } from './boot-services.ts';
import { publish } from './discovery.ts';
import { etcdIsUp } from './etcd-steps.ts';
import { updateHostname } from './hostname.ts';
import { nodeIdFrom, uuidFrom } from './identity.ts';
import { withHostname } from './machine-config.ts';
import { startsStagedUpgrade } from './maintenance-steps.ts';
import { roleOf } from './physical.ts';
import { bootOf, controller, phase, phaseDone, sequence, service, stage, talos, volume } from './record.ts';
import type { ClusterState, NodeState } from './state.ts';
import { after, type Next } from './step.ts';
import { takeEffect } from './take-effect.ts';

/** From the moment when there is a config until the machine is running. Milliseconds of the machine's own time. */
const ETCD_STARTS_MS = 11_000;
const KUBELET_STARTS_MS = 12_000;
const DONE_MS = 20_000;

export function bootContinues(node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  const { disk } = node.physical;
  disk.nodeId ??= nodeIdFrom(boot.id);
  if (disk.partitions && !disk.partitions.EPHEMERAL) {
    disk.partitions.EPHEMERAL = true;
    disk.partitionUuids.EPHEMERAL = uuidFrom('EPHEMERAL', boot.id);
  }
  if (boot.sequence === 'initialize') sequence(node, at, 'initialize', 'STOP');
  const staged = startsStagedUpgrade(node, at);
  if (staged !== undefined) return staged;
  sequence(node, at, 'boot', 'START');
  updateHostname(node, at);
  volume(node, at + 200, 'EPHEMERAL', 'waiting', 'located', 'provisioned', 'prepared', 'ready');
  return [
    after(2_000, { kind: 'network_is_ready' }),
    after(3_000, { kind: 'api_starts' }),
    after(5_000, { kind: 'runtime_starts' }),
    after(KUBELET_STARTS_MS, { kind: 'kubelet_starts' }),
    after(DONE_MS, { kind: 'boot_is_done' }),
    ...(roleOf(node.name) === 'controlplane' ? [after(ETCD_STARTS_MS, { kind: 'etcd_starts' })] : []),
  ];
}

export function networkIsReady(node: NodeState, at: number): Next[] {
  bootOf(node).isNetworkReady = true;
  talos(node, at, 'network is ready', controller('network.StatusController'));
  return [];
}

export function apiStarts(node: NodeState, at: number): Next[] {
  startService(node, at, 'apid', 'api certificates');
  serviceIsUp(node, at, 'apid');
  bootOf(node).api = 'running';
  return [];
}

export function runtimeStarts(node: NodeState, at: number): Next[] {
  const ids = [...lateServices(node), ...(node.physical.platform === 'metal' ? ['dashboard'] : [])];
  for (const id of ids) {
    startService(node, at, id);
    serviceIsUp(node, at, id);
  }
  return [];
}

export function kubeletStarts(node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  boot.nodename = boot.hostname.hostname;
  if (roleOf(node.name) === 'worker') phase(node, at, 'startEverything', 'startAllServices', '15/15');
  startService(node, at, 'kubelet', 'nodename');
  return [after(4_000, { kind: 'service_is_up', id: 'kubelet' })];
}

export function serviceComesUp(cluster: ClusterState, node: NodeState, at: number, id: string): Next[] {
  if (id === 'etcd') etcdIsUp(cluster, node, at);
  else serviceIsUp(node, at, id);
  if (id === 'kubelet') publish(cluster, node, at);
  confirmUpgrade(cluster, node, at);
  return [];
}

export function bootIsDone(cluster: ClusterState, node: NodeState, at: number): Next[] {
  phaseDone(node, at, 'startEverything', 'startAllServices', '15/15');
  sequence(node, at, 'boot', 'STOP');
  stage(node, at, 'running', true);
  publish(cluster, node, at);
  confirmUpgrade(cluster, node, at);
  return [];
}

/** The kubelet registers under the name of now and is restarted for it; etcd is not. */
export function nodenameFollows(cluster: ClusterState, node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  if (boot.nodename === undefined || boot.nodename === boot.hostname.hostname) return [];
  boot.nodename = boot.hostname.hostname;
  service(node, at, 'kubelet', 'Stopping', 'Sending SIGTERM to task kubelet');
  service(node, at, 'kubelet', 'Finished', 'Service finished successfully');
  startService(node, at, 'kubelet', 'nodename');
  publish(cluster, node, at);
  return [after(4_000, { kind: 'service_is_up', id: 'kubelet' })];
}

/** Somebody applied the same config with another static hostname. */
export function configNames(node: NodeState, at: number, hostname: string): Next[] {
  const boot = bootOf(node);
  if (boot.activeConfig === undefined) return [];
  talos(node, at, 'apply config request: mode auto(no_reboot)');
  boot.activeConfig = withHostname(boot.activeConfig, hostname);
  node.physical.disk.config = boot.activeConfig;
  return updateHostname(node, at) ? [after(4_000, { kind: 'nodename_follows' })] : [];
}

export function configReverts(cluster: ClusterState, node: NodeState, at: number, config: string): Next[] {
  takeEffect(cluster, node, config);
  talos(node, at, 'reverting the config that was applied in try mode');
  return updateHostname(node, at) ? [after(4_000, { kind: 'nodename_follows' })] : [];
}
