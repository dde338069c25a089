import { createHash } from 'node:crypto';
import { activeConfigOf } from './active-config.ts';
import { isNodeReady } from './kubernetes-state.ts';
import { roleOf } from './physical.ts';
import { bootOf } from './record.ts';
import type { ClusterState, NodeState } from './state.ts';
import { isBefore, kubernetesOf } from './version.ts';

/** The pods of a control plane as its kubelet reports them: the status of a pod in the Kubernetes API. */
const NAMES = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
/** A container that never started leaves its pod pending. */
const NEVER_STARTED = new Set(['ContainerCreating', 'CreateContainerConfigError', 'ErrImagePull', 'ImagePullBackOff']);

const hex = (...parts: readonly string[]): string => createHash('sha256').update(parts.join('\0')).digest('hex');

export type StaticPod = {
  readonly id: string;
  readonly phase: 'Pending' | 'Running';
  readonly isReady: boolean;
  readonly since: string;
  /** As Logs names it: the pod, the container and the first 12 characters of its id. */
  readonly containerLogId: string | undefined;
  readonly fault:
    | { readonly waiting: string; readonly restarts: number; readonly log?: readonly string[] | undefined }
    | undefined;
  readonly status: unknown;
};

export function staticPodsOf(cluster: ClusterState, node: NodeState): readonly StaticPod[] {
  const { nodename } = bootOf(node);
  if (roleOf(node.name) === 'worker' || nodename === undefined || !rendersStaticPods(node)) return [];
  return NAMES.map((name) => staticPod(cluster, node, name, nodename));
}

/** One release stumbles over numbers in the scheduler's config, and renders no pod at all. siderolabs/talos#13445. */
const rendersStaticPods = (node: NodeState): boolean =>
  node.physical.version !== 'v1.13.3' || activeConfigOf(node)?.hasNumbersForScheduler !== true;

function faultOf(node: NodeState, name: (typeof NAMES)[number]): StaticPod['fault'] {
  const fault = node.physical.staticPods?.[name];
  if (fault?.until !== undefined && !isBefore(node.physical.version, fault.until)) return undefined;
  const { whileConfigHas } = fault ?? {};
  return whileConfigHas === undefined || bootOf(node).activeConfig?.includes(whileConfigHas) ? fault : undefined;
}

function staticPod(cluster: ClusterState, node: NodeState, name: (typeof NAMES)[number], nodename: string): StaticPod {
  const boot = bootOf(node);
  const kubelet = boot.services['kubelet']?.events.find(({ state }) => state === 'Running');
  const since = new Date(kubelet?.at ?? boot.startedAt).toISOString().replace(/\.\d+Z$/, 'Z');
  const fault = faultOf(node, name);
  const isReady = fault === undefined && isNodeReady(cluster, node);
  const phase = fault !== undefined && NEVER_STARTED.has(fault.waiting) ? 'Pending' : 'Running';
  const unready = { reason: 'ContainersNotReady', message: `containers with unready status: [${name}]` };
  const condition = (type: string, isTrue: boolean) => ({
    type,
    status: isTrue ? 'True' : 'False',
    lastProbeTime: null,
    lastTransitionTime: since,
    ...(isTrue ? {} : unready),
  });
  const containerHex = hex(node.name, name, boot.id, String(fault?.restarts ?? 0));
  const containerID = `containerd://${containerHex}`;
  const image = `registry.k8s.io/${name}:${kubernetesOf(node.physical.version)}`;
  const hasRun = fault !== undefined && phase === 'Running' && fault.restarts > 0;
  const ended = { exitCode: 1, reason: 'Error', startedAt: since, finishedAt: since, containerID };
  const container = {
    name,
    state:
      fault === undefined ? { running: { startedAt: since } } : { waiting: waitingOf(fault.waiting, name, nodename) },
    lastState: hasRun ? { terminated: ended } : {},
    ready: isReady,
    restartCount: fault?.restarts ?? 0,
    image,
    imageID: phase === 'Pending' ? '' : `registry.k8s.io/${name}@sha256:${hex(image)}`,
    ...(phase === 'Pending' ? {} : { containerID }),
    started: fault === undefined,
  };
  const status = {
    phase,
    conditions: [
      condition('Initialized', true),
      condition('Ready', isReady),
      condition('ContainersReady', isReady),
      condition('PodScheduled', true),
    ],
    hostIP: node.address,
    podIP: node.address,
    podIPs: [{ ip: node.address }],
    startTime: since,
    containerStatuses: [container],
    qosClass: 'Burstable',
  };
  const id = `kube-system/${name}-${nodename}`;
  const containerLogId = phase === 'Pending' ? undefined : `${id}:${name}:${containerHex.slice(0, 12)}`;
  return { id, phase, isReady, status, since, containerLogId, fault };
}

function waitingOf(reason: string, name: string, nodename: string) {
  if (reason !== 'CrashLoopBackOff') return { reason };
  const pod = `${name}-${nodename}_kube-system(${hex(name, nodename).slice(0, 32)})`;
  return { reason, message: `back-off 5m0s restarting failed container=${name} pod=${pod}` };
}
