import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { StaticPodReading } from '../evidence/values.ts';
import { etcdService, isEtcdServing } from './etcd-service.ts';
import { controllerKills, killsForLimit, killsForNode } from './oom-log.ts';
import { isApiServer } from './static-pods.ts';

/** Restarts from which a container that is not ready counts as crashing, also between two tries. Our own choice. */
const RESTARTS_FROM = 3;
/** What the kubelet calls it. */
export const BACK_OFF = 'CrashLoopBackOff';

type Container = StaticPodReading['containers'][number];
export type CrashingContainer = Container & {
  /** `<namespace>/<pod>` */
  readonly pod: string;
  /** Lines of the container's last try; undefined: its log could not be read. */
  readonly log: readonly string[] | undefined;
};

/** Containers of static pods that end again and again. */
export function crashingContainers({ readings }: Evidence): readonly CrashingContainer[] {
  return (readValue(readings.staticPods) ?? []).flatMap(({ id, containers }) =>
    containers
      .filter(({ ready, restarts, waitingFor }) => !ready && (waitingFor === BACK_OFF || restarts >= RESTARTS_FROM))
      .map((container) => ({ ...container, pod: id, log: readValue(readings.logs?.[`${id}:${container.name}`]) })),
  );
}

/** The control plane's own pods cannot run while etcd of their node does not serve: that is the cause then, not they. */
export function isEtcdAway(evidence: Evidence): boolean {
  const service = etcdService(evidence);
  const status = readValue(evidence.readings.etcdStatus);
  return (service !== undefined && !isEtcdServing(service)) || status?.leader === '0';
}

export function isEtcdSeenWell(evidence: Evidence): boolean {
  return !isEtcdAway(evidence) && (etcdService(evidence) !== undefined || evidence.readings.etcdStatus?.ok === true);
}

/** Logs of the API server that were read, whatever else is known of its pod. */
export const apiServerLogs = ({ readings }: Evidence): readonly string[] =>
  Object.entries(readings.logs ?? {})
    .filter(([id]) => isApiServer({ id }))
    .flatMap(([, log]) => readValue(log) ?? []);

/** How Kubernetes says that it has no key for what it reads, by provider. As in siderolabs/talos#13885. */
const NO_KEY = /no matching key was found for the provided \S{1,40} transformer/i;
export const isUndecryptable = (line: string): boolean => NO_KEY.test(line);

/**
 * Whether somebody else ends the container for want of memory: Talos or the kernel because the node has none left, or
 * the kernel because of a limit of its own. undefined: not to be known.
 */
export function isKilledForMemory(evidence: Evidence, { name }: CrashingContainer): boolean | undefined {
  const ofItsOwn = killsForLimit(evidence)?.killed.some((command) => name.startsWith(command)) === true;
  if (ofItsOwn || controllerKills(evidence) !== undefined || killsForNode(evidence) !== undefined) return true;
  return readValue(evidence.readings.kernelLog) === undefined ? undefined : false;
}
