import { leaveDiscovery } from './discovery.ts';
import { etcdIdFrom, nodeIdFrom } from './identity.ts';
import { createMachineConfig } from './machine-config.ts';
import { physicalFor, roleOf } from './physical.ts';
import type { ClusterState, NodeState } from './state.ts';
import { hostOf } from './topology.ts';

/** Which nodes the cluster has. What a node of some name is comes from the seed, however often it comes and goes. */

/** Switched off; not yet one of the cluster. */
export function newNode(state: ClusterState, name: string, place: Pick<NodeState, 'address' | 'port'>): NodeState {
  const { seed, cluster, secrets } = state;
  const role = roleOf(name);
  // Cloud servers take their name from the platform, so their config names none.
  const hostname = role === 'worker' ? name : undefined;
  state.configs[name] ??= createMachineConfig({ seed, cluster, name, role, hostname, secrets });
  return {
    name,
    ...place,
    part: {},
    power: 'off',
    physical: physicalFor(state, name, {}, 'v1.8.4'),
    bootCount: 0,
    boot: undefined,
    pending: [],
    faults: [],
    lastActions: [],
  };
}

/** In the block of the cluster; where there is one address for all, at any port of it. */
export function placeFor({ nodeCidr, nodes }: ClusterState, name: string): Pick<NodeState, 'address' | 'port'> {
  if (nodeCidr.endsWith('/32')) return { address: nodeCidr.slice(0, -'/32'.length), port: 0 };
  const [block = ''] = nodeCidr.split('.0/24');
  return { address: `${block}.${hostOf(name)}`, port: Object.values(nodes)[0]?.port ?? 0 };
}

/** From now on the cluster has these nodes; others are gone, from etcd and from discovery too. */
export function takeNodes(state: ClusterState, nodes: readonly NodeState[]): void {
  const names = new Set(nodes.map(({ name }) => name));
  for (const node of Object.values(state.nodes)) if (!names.has(node.name)) forget(state, node);
  state.nodes = Object.fromEntries(nodes.map((node) => [node.name, node]));
  for (const { name, physical } of nodes) {
    state.machineUuids[name] ??= physical.hardware.uuid;
    if (roleOf(name) === 'worker' || state.etcd.members.some(({ node }) => node === name)) continue;
    const id = etcdIdFrom(state.seed, name, nodeIdFrom(state.seed, name));
    state.etcd.members.push({ id, node: name, name, isLearner: false });
  }
}

function forget(state: ClusterState, node: NodeState): void {
  leaveDiscovery(state, node);
  delete state.configs[node.name];
  delete state.machineUuids[node.name];
  const { etcd } = state;
  const gone = etcd.members.filter((member) => member.node === node.name).map(({ id }) => id);
  etcd.members = etcd.members.filter(({ id }) => !gone.includes(id));
  etcd.alarms = (etcd.alarms ?? []).filter(({ memberId }) => !gone.includes(memberId));
}
