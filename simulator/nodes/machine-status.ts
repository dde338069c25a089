import { activeConfigOf } from './active-config.ts';
import { requiredServices } from './boot-services.ts';
import { isNodeReady } from './kubernetes-state.ts';
import { isTimeSynced } from './node-time.ts';
import { bootOf } from './record.ts';
import type { ClusterState, NodeState } from './state.ts';
import { staticPodsOf } from './static-pods.ts';

type Condition = { readonly name: string; readonly reason: string };

function serviceProblems(node: NodeState): string {
  const { services } = bootOf(node);
  const problems = requiredServices(node).flatMap((id) => {
    if (services[id]?.state !== 'Running') return [`${id} not running`];
    const { health } = services[id];
    return health.unknown || health.healthy ? [] : [`${id} not healthy`];
  });
  return problems.join(', ');
}

/** Conditions are looked at in booting and running only; in every other stage the list is empty and ready is true. */
export function machineConditions(
  cluster: ClusterState,
  node: NodeState,
): { readonly ready: boolean; readonly unmetConditions: readonly Condition[] } {
  const boot = bootOf(node);
  if (boot.stage !== 'booting' && boot.stage !== 'running') return { ready: true, unmetConditions: [] };
  const unmetConditions: Condition[] = [];
  if (!isTimeSynced(node)) unmetConditions.push({ name: 'time', reason: 'time is not synced' });
  if (!boot.isNetworkReady) {
    unmetConditions.push({ name: 'network', reason: 'waiting on: address, connectivity' });
  }
  const services = serviceProblems(node);
  if (services !== '') unmetConditions.push({ name: 'services', reason: services });
  const name = boot.nodename;
  const pods = staticPodsOf(cluster, node).filter(({ isReady }) => !isReady);
  if (pods.length > 0) {
    const reasons = pods.map(({ id, phase }) => `${id} ${phase === 'Pending' ? 'pending' : 'not ready'}`);
    unmetConditions.push({ name: 'staticPods', reason: reasons.join(', ') });
  }
  const isRegistered = activeConfigOf(node)?.skipsNodeRegistration !== true;
  if (name !== undefined && isRegistered && !isNodeReady(cluster, node)) {
    unmetConditions.push({ name: 'nodeReady', reason: `node "${name}" is not ready` });
  }
  return { ready: unmetConditions.length === 0, unmetConditions };
}
