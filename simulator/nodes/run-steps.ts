import { addressesCome } from './address-steps.ts';
import { confirmUpgrade } from './boot-entries.ts';
import { BOOT_TIMEOUT_MS, bootFails } from './boot-failure.ts';
import { lateServices, serviceIsUp, startService } from './boot-services.ts';
import { withHostname } from './change-config.ts';
import { publish } from './discovery.ts';
import { locatesEphemeral, mountsEphemeral } from './ephemeral-steps.ts';
import { etcdIsUp, etcdRuns } from './etcd-steps.ts';
import { updateHostname } from './hostname.ts';
import { nodeIdFrom } from './identity.ts';
import { startsStagedUpgrade } from './maintenance-steps.ts';
import { roleOf } from './physical.ts';
import { bootOf, controller, phase, phaseDone, sequence, service, stage, talos } from './record.ts';
import { crashCause, isUp } from './service-conditions.ts';
import { beginService, crashesAfterStart, preparesService, unstarted, waitsForConditions } from './service-steps.ts';
import type { ClusterState, NodeState } from './state.ts';
import { after, type Next } from './step.ts';
import { takeEffect } from './take-effect.ts';

/** From the moment when there is a config until the machine is running. Milliseconds of the machine's own time. */
const ETCD_STARTS_MS = 11_000;
const KUBELET_STARTS_MS = 12_000;
const DONE_MS = 20_000;
const KUBELET_UP_MS = 4_000;
const TIMEOUT = {
  phase: 'startEverything',
  task: 'startAllServices',
  n: '15/15',
  cause: '1 error occurred:\n\t* context deadline exceeded',
} as const;

export function bootContinues(node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  node.physical.disk.nodeId ??= nodeIdFrom(boot.id);
  if (boot.sequence === 'initialize') sequence(node, at, 'initialize', 'STOP');
  const staged = startsStagedUpgrade(node, at);
  if (staged !== undefined) return staged;
  sequence(node, at, 'boot', 'START');
  updateHostname(node, at);
  locatesEphemeral(node, at + 200);
  return [
    after(2_000, { kind: 'network_is_ready' }),
    after(3_000, { kind: 'api_starts' }),
    ...servicesFollow(node, at + 200, 0),
  ];
}

/** Once EPHEMERAL is mounted; `sinceMs`: how long ago the boot went on when all goes well. */
function servicesFollow(node: NodeState, at: number, sinceMs: number): Next[] {
  const mounted = mountsEphemeral(node, at);
  if (mounted !== true) return mounted;
  const isControlPlane = roleOf(node.name) === 'controlplane';
  return [
    after(5_000 - sinceMs, { kind: 'runtime_starts' }),
    after(KUBELET_STARTS_MS - sinceMs, { kind: 'kubelet_starts' }),
    after(DONE_MS - sinceMs, { kind: 'boot_is_done', since: at + ETCD_STARTS_MS - sinceMs, tries: 0 }),
    ...(isControlPlane ? [after(ETCD_STARTS_MS - sinceMs, { kind: 'etcd_starts' })] : []),
  ];
}

const MOUNTED_MS = 4_000;
export const ephemeralOpens = (node: NodeState, at: number): Next[] => servicesFollow(node, at, MOUNTED_MS);

export function networkIsReady(node: NodeState, at: number): Next[] {
  bootOf(node).isNetworkReady = true;
  const next = addressesCome(node, at);
  talos(node, at, 'network is ready', controller('network.StatusController'));
  return next;
}

export function apiStarts(node: NodeState, at: number): Next[] {
  startService(node, at, 'apid', 'api certificates');
  serviceIsUp(node, at, 'apid');
  bootOf(node).api = 'running';
  return [];
}

export function runtimeStarts(cluster: ClusterState, node: NodeState, at: number): Next[] {
  const ids = [...lateServices(node), ...(node.physical.platform === 'metal' ? ['dashboard'] : [])];
  return ids.flatMap((id) => startsAtOnce(cluster, node, at, id));
}

function startsAtOnce(cluster: ClusterState, node: NodeState, at: number, id: string): Next[] {
  if (!preparesService(node, at, id)) return unstarted(node, id);
  serviceIsUp(node, at, id);
  return crashesAfterStart(cluster, node, at, id);
}

/** What a service waited for may be there now. */
export function conditionIsChecked(cluster: ClusterState, node: NodeState, at: number, id: string): Next[] {
  if (!waitsForConditions(node, id)) return [];
  if (id === 'kubelet') return kubeletRuns(node, at);
  return id === 'etcd' ? etcdRuns(cluster, node, at) : startsAtOnce(cluster, node, at, id);
}

export function kubeletStarts(node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  boot.nodename = boot.hostname.hostname;
  if (roleOf(node.name) === 'worker') phase(node, at, 'startEverything', 'startAllServices', '15/15');
  return kubeletRuns(node, at);
}
export const kubeletRuns = (node: NodeState, at: number): Next[] => beginService(node, at, 'kubelet', KUBELET_UP_MS);

export function serviceComesUp(cluster: ClusterState, node: NodeState, at: number, id: string): Next[] {
  if (id === 'etcd') return etcdIsUp(node, at);
  serviceIsUp(node, at, id);
  if (id === 'kubelet') publish(cluster, node, at);
  confirmUpgrade(cluster, node, at);
  return crashesAfterStart(cluster, node, at, id);
}

const LOOK_MS = 5_000;
const LOOKS_PER_LINE = 3;
type Wait = { readonly since: number; readonly tries: number };

/** The boot sequence waits for all services; when that takes too long, it fails and the machine reboots. */
export function bootIsDone(cluster: ClusterState, node: NodeState, at: number, { since, tries }: Wait): Next[] {
  const missing = Object.keys(bootOf(node).services).filter((id) => !isUp(node, id) || crashCause(node, id));
  if (missing.length > 0) {
    if (at - since >= BOOT_TIMEOUT_MS) return bootFails(node, at, TIMEOUT);
    const list = missing.map((id) => `service "${id}" to be "up"`).join(', ');
    if (tries % LOOKS_PER_LINE === 0) talos(node, at, `task startAllServices (1/1): ${list}`);
    return [after(LOOK_MS, { kind: 'boot_is_done', since, tries: tries + 1 })];
  }
  phaseDone(node, at, 'startEverything', 'startAllServices', '15/15');
  sequence(node, at, 'boot', 'STOP');
  stage(node, at, 'running');
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
  publish(cluster, node, at);
  return kubeletRuns(node, at);
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
  talos(node, at, 'rolling back the configuration');
  return updateHostname(node, at) ? [after(4_000, { kind: 'nodename_follows' })] : [];
}
