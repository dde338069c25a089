import { type Condition, extensionConditions, extensionServices } from './extension-services.ts';
import { isTimeSynced } from './node-time.ts';
import { perBoot } from './physical.ts';
import { bootOf } from './record.ts';
import type { NodeState } from './state.ts';
import { minorOf } from './version.ts';

export function isUp(node: NodeState, id: string): boolean {
  const found = node.boot?.services[id];
  return found?.state === 'Running' && (found.health.unknown || found.health.healthy);
}

/** What a service waits for before it starts. Source: Condition and DependsOn of system/services/*.go. */
export function conditionsOf(node: NodeState, id: string): readonly Condition[] {
  const cri = { text: 'service "cri" to be "up"', isMet: isUp(node, 'cri') };
  const time = { text: 'time sync', isMet: isTimeSynced(node) };
  const network = { text: 'network', isMet: bootOf(node).isNetworkReady };
  if (id === 'etcd') {
    const volumes = { text: 'volumes /var/lib to be mounted', isMet: true };
    const spec = { text: 'etcd spec', isMet: true };
    return [cri, ...(minorOf(node.physical.version) >= 10 ? [volumes] : []), time, network, spec];
  }
  if (id === 'kubelet') return [cri, time, network, { text: 'nodename', isMet: true }];
  const extension = extensionServices(node).find((known) => known.id === id);
  return extension ? extensionConditions(node, extension) : [];
}

/** Why the image of a service cannot be had now. Talos does not try again by itself. */
export function pullProblem(node: NodeState, id: string, at: number): string | undefined {
  const { registry } = node.physical;
  const { number, startedAt } = bootOf(node);
  if (registry === undefined || !registry.needs.some((needed) => needed === id)) return undefined;
  if (at - startedAt >= perBoot(registry.unreachableFor, number)) return undefined;
  const image = id === 'etcd' ? 'gcr.io/etcd-development/etcd:v3.5.16' : 'ghcr.io/siderolabs/kubelet:v1.31.1';
  return `failed to pull image "${image}": ${registry.cause}`;
}

/** Why a service ends as soon as it runs, again and again. */
export function crashCause(node: NodeState, id: string): string | undefined {
  if (id === 'cri') return node.physical.disk.hasCorruptRecords ? 'exit status 1' : undefined;
  return extensionServices(node).find((known) => known.id === id)?.crashes?.cause;
}
