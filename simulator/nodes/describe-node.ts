import { requiredServices } from './boot-services.ts';
import { isEtcdUp, memberOf } from './etcd.ts';
import { roleOf } from './physical.ts';
import type { ClusterState, EtcdMember, NodeState, Service } from './state.ts';

/** A node as somebody at its console would see it: for the panel and the command line. Medic cannot ask for it. */
export function describeNode(cluster: ClusterState, node: NodeState) {
  const { name, address, port, power, physical, boot, faults, lastActions } = node;
  return {
    name,
    role: roleOf(name),
    address,
    port,
    power,
    version: physical.version,
    stage: stageOf(node),
    hostname: boot?.hostname.hostname ?? '',
    etcd: describeEtcd(cluster, node),
    services: servicesOf(node),
    faults: faults.map(({ fault, method }) => (method === undefined ? fault : `${fault} (${method})`)),
    lastActions,
  };
}

/** `off` and `starting` are ours: without a kernel there is no Talos that could name its stage. */
export function stageOf({ power, boot }: Pick<NodeState, 'power' | 'boot'>): string {
  if (power === 'off') return 'off';
  return boot?.stage ?? 'starting';
}

const servicesOf = (node: NodeState): readonly { readonly id: string; readonly state: string }[] => {
  if (node.boot === undefined) return [];
  const { services } = node.boot;
  const ids = new Set([...Object.keys(services), ...requiredServices(node)]);
  return [...ids].sort().map((id) => ({ id, state: stateOf(services[id]) }));
};

function stateOf(service: Service | undefined): string {
  if (service === undefined) return 'not started';
  const { unknown, healthy } = service.health;
  return service.state === 'Running' && !unknown && !healthy ? 'Running, unhealthy' : service.state;
}

/** The member of this node as etcd knows it; undefined on workers and where the cluster removed it. */
function describeEtcd(cluster: ClusterState, node: NodeState) {
  const member = memberOf(cluster, node);
  if (member === undefined) return undefined;
  const { alarms = [] } = cluster.etcd;
  return {
    name: member.name,
    role: etcdRoleOf(cluster, node, member),
    alarms: alarms.filter(({ memberId }) => memberId === member.id).map(({ alarm }) => alarm),
  };
}

function etcdRoleOf({ etcd: { leader } }: ClusterState, node: NodeState, { id, isLearner }: EtcdMember): string {
  if (!isEtcdUp(node)) return 'down';
  if (isLearner) return 'learner';
  if (leader === '0') return 'without leader';
  return id === leader ? 'leader' : 'follower';
}
