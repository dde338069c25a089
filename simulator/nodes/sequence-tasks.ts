import { install } from './boot-entries.ts';
import { stopServices } from './boot-services.ts';
import { leaveDiscovery } from './discovery.ts';
import { electLeader, isEtcdServing } from './etcd.ts';
import { extensionServices } from './extension-services.ts';
import { leaveEtcd } from './leave-etcd.ts';
import type { Order } from './orders.ts';
import { bootOf, service, talos } from './record.ts';
import { isUp } from './service-conditions.ts';
import type { ClusterState, NodeState } from './state.ts';
import { wipeDisk, wipePartitions, wipeUserDisks } from './wipe.ts';

/** `hangs`: the phase never ends. */
export type Done =
  | { readonly done: true }
  | { readonly hangs: true }
  | { readonly failure: string }
  | { readonly againAfterMs: number };
const DONE: Done = { done: true };

/** What a phase of a sequence does to the node. A failure ends the sequence. */
export function carriesOut(
  cluster: ClusterState,
  node: NodeState,
  at: number,
  order: Order,
  phase: string,
  tries: number,
): Done {
  switch (phase) {
    case 'drain':
      return drains(cluster, node, order, tries);
    case 'leave':
      return leaveEtcd(cluster, node, at, tries);
    case 'preReset':
      leaveDiscovery(cluster, node);
      return DONE;
    case 'stopServices':
      stopServices(node, at, ['kubelet', 'etcd', 'trustd', 'cri']);
      electLeader(cluster);
      return DONE;
    case 'stopEverything':
      return stopsEverything(node, at);
    case 'unmountSystem':
      return bootOf(node).isDiskDead ? { hangs: true } : DONE;
    case 'kexec':
      preparesKexec(node, at, order);
      return DONE;
    case 'reset':
      if (order.sequence === 'reset' && order.system === 'disk') wipeDisk(node, at);
      return DONE;
    case 'resetSpec':
      if (order.sequence === 'reset' && typeof order.system === 'object') wipePartitions(node, at, order.system);
      return DONE;
    case 'resetUserDisks':
      if (order.sequence === 'reset') wipeUserDisks(node, at, order.userDisks);
      return DONE;
    case 'upgrade': {
      if (order.sequence !== 'upgrade') return DONE;
      const problem = install(cluster, node, at, order.image);
      return problem === undefined ? DONE : { failure: 'task "upgrade" failed: exit code 1' };
    }
    default:
      return DONE;
  }
}

/** A service that cannot be killed holds everything up. */
function stopsEverything(node: NodeState, at: number): Done {
  const services = extensionServices(node);
  const stuck = services.filter(({ id, cannotStop }) => cannotStop && isUp(node, id));
  for (const { id } of stuck) {
    const { pid } = bootOf(node);
    service(node, at, id, 'Stopping', `Sending SIGTERM to task ${id} (PID ${pid})`);
    service(node, at, id, 'Stopping', `Sending SIGKILL to task ${id} (PID ${pid})`);
  }
  if (stuck.length > 0) return { hangs: true };
  stopServices(node, at, [...services.map(({ id }) => id), 'udevd', 'syslogd', 'containerd']);
  return DONE;
}

const CORDON_WAIT_MS = 55_000;

/** Without Kubernetes nobody cordons the node: a minute later an upgrade or a shutdown fails of it, and a reset goes on. */
function drains(cluster: ClusterState, node: NodeState, { sequence }: Order, tries: number): Done {
  if (isEtcdServing(cluster, node)) return DONE;
  if (tries === 1) return { againAfterMs: CORDON_WAIT_MS };
  return sequence === 'reset' ? DONE : { failure: 'context deadline exceeded' };
}

/** Source: v1alpha1_sequencer_tasks.go, KexecPrepare. */
function preparesKexec(node: NodeState, at: number, order: Order): void {
  if (order.sequence === 'reboot' && order.mode === 'POWERCYCLE') {
    talos(node, at, 'kexec skipped as reboot with power cycle was requested');
  } else if (node.physical.disk.partitions?.META !== true) {
    talos(node, at, 'kexec skipped as system disk is not found');
  } else bootOf(node).isKexecPrepared = true;
}
