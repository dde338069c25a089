import { extensionServices } from './extension-services.ts';
import { roleOf } from './physical.ts';
import { service } from './record.ts';
import type { NodeState } from './state.ts';
import { minorOf } from './version.ts';

const GOROUTINES = new Set(['machined', 'auditd', 'syslogd', 'apid-goroutine']);
const UNCHECKED = new Set(['dashboard']);

/** Services that a node runs before it has a config, in the order in which they start. */
export function earlyServices(node: NodeState): readonly string[] {
  return ['machined', ...(minorOf(node.physical.version) >= 9 ? ['auditd'] : []), 'syslogd', 'udevd', 'containerd'];
}

export function lateServices(node: NodeState): readonly string[] {
  const extensions = extensionServices(node).map(({ id }) => id);
  return roleOf(node.name) === 'controlplane' ? ['cri', 'trustd', ...extensions] : ['cri', ...extensions];
}

/** What must run and be healthy before the machine is ready. Source: Talos, runtime/machine_status.go. */
export const requiredServices = (node: NodeState): readonly string[] =>
  roleOf(node.name) === 'controlplane'
    ? ['apid', 'etcd', 'kubelet', 'machined', 'trustd']
    : ['apid', 'kubelet', 'machined'];

export function startService(node: NodeState, at: number, id: string, conditions?: string): void {
  service(node, at, id, 'Starting', 'Starting service');
  if (conditions !== undefined) service(node, at, id, 'Waiting', `Waiting for ${conditions}`);
  service(node, at, id, 'Preparing', 'Running pre state');
  service(node, at, id, 'Preparing', 'Creating service runner');
}

export function serviceIsUp(node: NodeState, at: number, id: string): void {
  if (node.boot === undefined) return;
  node.boot.pid += 17;
  const started = GOROUTINES.has(id)
    ? 'Service started as goroutine'
    : `Started task ${id} (PID ${node.boot.pid}) for container ${id}`;
  const isUnchecked = UNCHECKED.has(id) || id.startsWith('ext-');
  service(node, at, id, 'Running', started, isUnchecked ? 'unknown' : { healthy: false, message: '' });
  if (!isUnchecked) service(node, at, id, 'Running', 'Health check successful', { healthy: true, message: '' });
}

export function stopServices(node: NodeState, at: number, ids: readonly string[]): void {
  for (const id of ids) {
    const known = node.boot?.services[id];
    if (known === undefined || known.state === 'Finished') continue;
    service(node, at, id, 'Stopping', `Sending SIGTERM to task ${id}`);
    service(node, at, id, 'Finished', 'Service finished successfully');
  }
}
