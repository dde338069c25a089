import { memberOf } from './etcd.ts';
import { hasFault } from './forward.ts';
import { machineConditions } from './machine-status.ts';
import { roleOf } from './physical.ts';
import type { Fault } from './scenario-schema.ts';
import type { Action, ClusterState, NodeState } from './state.ts';

/** What the panel shows. Nobody but people and tests looks at it: Medic asks the nodes themselves. */
export type NodeView = {
  readonly name: string;
  readonly role: 'controlplane' | 'worker';
  readonly address: string;
  readonly power: 'on' | 'off';
  readonly reach: 'mtls' | 'maintenance' | 'refused' | 'silent';
  readonly stage: string;
  readonly ready: boolean;
  readonly hostname: string;
  readonly version: string;
  readonly etcdName: string | undefined;
  readonly bootedAt: string | undefined;
  readonly services: Readonly<Record<string, string>>;
  readonly faults: readonly Fault[];
  readonly lastActions: readonly Action[];
};
export type ClusterView = {
  readonly cluster: string;
  readonly scenario: string;
  readonly factor: number;
  readonly etcdLeader: string;
  readonly nodes: readonly NodeView[];
};

function reachOf(node: NodeState): NodeView['reach'] {
  if (hasFault(node, 'refuse')) return 'refused';
  if (hasFault(node, 'hang') || node.power === 'off' || node.boot === undefined) return 'silent';
  if (node.boot.api === 'none') return 'refused';
  return node.boot.api === 'maintenance' ? 'maintenance' : 'mtls';
}

function describeNode(state: ClusterState, node: NodeState): NodeView {
  const { boot } = node;
  const services = Object.entries(boot?.services ?? {}).map(([id, { state: now, health }]) => [
    id,
    now === 'Running' && !health.unknown && !health.healthy ? 'Running (unhealthy)' : now,
  ]);
  return {
    name: node.name,
    role: roleOf(node.name),
    address: node.address,
    power: node.power,
    reach: reachOf(node),
    stage: boot?.stage ?? (node.power === 'off' ? 'off' : 'rebooting'),
    ready: boot !== undefined && machineConditions(state, node).ready,
    hostname: boot?.hostname.hostname ?? '',
    version: node.physical.version,
    etcdName: memberOf(state, node)?.name,
    bootedAt: boot && new Date(boot.startedAt).toISOString(),
    services: Object.fromEntries(services),
    faults: node.faults,
    lastActions: node.lastActions,
  };
}

export function describeCluster(state: ClusterState, factor: number): ClusterView {
  const leader = state.etcd.members.find(({ id }) => id === state.etcd.leader);
  return {
    cluster: state.cluster,
    scenario: state.scenario,
    factor,
    etcdLeader: leader?.node ?? '',
    nodes: Object.values(state.nodes).map((node) => describeNode(state, node)),
  };
}
