import { serviceIsUp } from './boot-services.ts';
import { type Condition, extensionServices } from './extension-services.ts';
import { hexOf } from './identity.ts';
import { bootOf, logLine, service } from './record.ts';
import { conditionsOf, crashCause, pullProblem } from './service-conditions.ts';
import type { ClusterState, NodeState } from './state.ts';
import { after, type Next } from './step.ts';

/** How a service starts, waits, ends and starts again. Source: internal/app/machined/pkg/system. */

const CHECK_MS = 5_000;
const CRASH_MS = 1_000;
/** The pause of a service that runs for ever. Source: system/runner/restart. */
const RESTART_PAUSE_MS = 5_000;

/** Waits for what is missing, as long as it takes. */
export function beginService(node: NodeState, at: number, id: string, upAfterMs: number): Next[] {
  return preparesService(node, at, id) ? [after(upAfterMs, { kind: 'service_is_up', id })] : unstarted(node, id);
}

/** True: its runner starts. Until then it waits, or has failed for good. */
export function preparesService(node: NodeState, at: number, id: string): boolean {
  const conditions = conditionsOf(node, id);
  const unmet = conditions.filter(({ isMet }) => !isMet);
  if (!waitsForConditions(node, id)) {
    service(node, at, id, 'Starting', 'Starting service');
    if (conditions.length > 0) saysWaiting(node, at, id, conditions);
  }
  if (unmet.length > 0) {
    saysWaiting(node, at, id, unmet);
    return false;
  }
  service(node, at, id, 'Preparing', 'Running pre state');
  const problem = pullProblem(node, id, at);
  if (problem !== undefined) service(node, at, id, 'Failed', `Failed to run pre stage: ${problem}`);
  else if (id !== 'etcd') service(node, at, id, 'Preparing', 'Creating service runner'); // etcd joins the others first
  return problem === undefined;
}

/** Every change of what is missing is said once. */
function saysWaiting(node: NodeState, at: number, id: string, conditions: readonly Condition[]): void {
  const message = `Waiting for ${conditions.map(({ text }) => text).join(', ')}`;
  if (bootOf(node).services[id]?.events.at(-1)?.message !== message) service(node, at, id, 'Waiting', message);
}

/** Somebody looks at its conditions again; what failed stays so until it is told to start. */
export const unstarted = (node: NodeState, id: string): Next[] =>
  waitsForConditions(node, id) ? [after(CHECK_MS, { kind: 'condition_is_checked', id })] : [];

export const waitsForConditions = (node: NodeState, id: string): boolean => {
  const found = bootOf(node).services[id];
  return found?.state === 'Waiting' && found.events.at(-1)?.message.startsWith('Waiting for ') === true;
};

/** `Containerd(ext-x)`, or the process that is run. */
const RUNNERS: Readonly<Record<string, string>> = {
  cri: 'Process(["/bin/containerd" "--address" "/run/containerd/containerd.sock" "--config" "/etc/cri/containerd.toml"])',
};

export function serviceCrashes(node: NodeState, at: number, id: string, cause: string): Next[] {
  const found = bootOf(node).services[id];
  if (found?.state !== 'Running') return [];
  const runner = RUNNERS[id] ?? `Containerd(${id})`;
  service(node, at, id, 'Waiting', `Error running ${runner}, going to restart forever: ${cause}`);
  return [after(RESTART_PAUSE_MS, { kind: 'service_restarts', id })];
}

/** Last words of what crashes. */
function lastLines(cluster: ClusterState, node: NodeState, id: string): readonly string[] {
  if (id === 'cri') {
    const sandbox = hexOf(64, cluster.seed, node.name, 'sandbox');
    const error = `failed to recover state: failed to get metadata for stored sandbox "${sandbox}": not found`;
    return [JSON.stringify({ error, level: 'fatal', msg: 'Failed to run CRI service' })];
  }
  return extensionServices(node).find((known) => known.id === id)?.crashes?.log ?? [];
}

/** After the start of a service: nothing, or its end. */
export function crashesAfterStart(cluster: ClusterState, node: NodeState, at: number, id: string): Next[] {
  const cause = crashCause(node, id);
  if (cause === undefined) return [];
  for (const text of lastLines(cluster, node, id)) logLine(node, at, id, text);
  return [after(CRASH_MS, { kind: 'service_crashes', id, cause })];
}

export function serviceRestarts(cluster: ClusterState, node: NodeState, at: number, id: string): Next[] {
  const boot = bootOf(node);
  if (boot.services[id]?.state !== 'Waiting') return [];
  if (crashCause(node, id) === undefined) {
    serviceIsUp(node, at, id);
    return [];
  }
  boot.pid += 17;
  const started = `Started task ${id} (PID ${boot.pid}) for container ${id}`;
  service(node, at, id, 'Running', started, id === 'cri' ? { healthy: false, message: '' } : 'unknown');
  return crashesAfterStart(cluster, node, at, id);
}
