import { isDeepStrictEqual } from 'node:util';
import { decodeProblem } from './decode-config.ts';
import { leaveDiscovery } from './discovery.ts';
import type { Engine, Life } from './engine.ts';
import { etcdIdFrom, nodeIdFrom, uuidFrom } from './identity.ts';
import { machineConditions } from './machine-status.ts';
import { setCuts } from './network.ts';
import { supplyFactory } from './node-schematic.ts';
import { REBOOT } from './orders.ts';
import { physicalFor, roleOf } from './physical.ts';
import type { NodePart, Scenario } from './scenario-schema.ts';
import type { ClusterState, NodeState } from './state.ts';
import { minorOf } from './version.ts';

/** Nodes that a scenario says nothing about have been up for days. */
const LONG_UPTIME_MS = 3 * 86_400_000;

/** As a file keeps it: what is undefined is not there. */
const stored = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Nobody has touched the machine since it was put in place, and it is well. */
function isPristine(state: ClusterState, node: NodeState): boolean {
  const { power, boot, faults, pending, bootCount, physical, part } = node;
  const isRunning = power === 'on' && boot?.stage === 'running' && faults.length === 0 && pending.length === 0;
  if (!isRunning || bootCount !== 1 || boot.activeConfig !== physical.disk.config) return false;
  const fresh = physicalFor(state, node.name, part, physical.version);
  return isDeepStrictEqual(stored(physical), stored(fresh)) && machineConditions(state, node).ready;
}

/** A node that this scenario brings along. */
const wasNeverOn = ({ power, bootCount, part }: NodeState): boolean =>
  power === 'off' && bootCount === 0 && Object.keys(part).length === 0;

/** A Talos that cannot read the stored config has never run with it: then it was the other boot entry's, or the cluster's. */
function versionWhenWell({ part, physical }: NodeState, ofCluster: string): string {
  const { version, previous, disk } = physical;
  if (part.config === undefined && previous === undefined) return version;
  const isReadable = disk.config === undefined || decodeProblem(disk.config, minorOf(version)) === undefined;
  return isReadable ? version : (previous?.version ?? ofCluster);
}

/** The machine as it was while it was well, until `lastSeenAt`: known to discovery, and to etcd under its own name. */
function rememberWell(state: ClusterState, node: NodeState, lastSeenAt: number, version: string): void {
  const nodeId = nodeIdFrom(state.seed, node.name);
  leaveDiscovery(state, node);
  state.discovery[nodeId] = {
    nodeId,
    node: node.name,
    hostname: node.name,
    nodename: node.name,
    address: node.address,
    machineType: roleOf(node.name),
    operatingSystem: `Talos (${versionWhenWell(node, version)})`,
    seenAt: lastSeenAt,
  };
  if (roleOf(node.name) === 'worker') return;
  const standing = node.part.etcd?.member;
  const { alarms = [], members } = state.etcd;
  const old = members.filter((known) => known.node === node.name).map(({ id }) => id);
  state.etcd.alarms = alarms.filter(({ memberId }) => !old.includes(memberId));
  if (standing === 'removed' || standing === 'none') {
    state.etcd.members = members.filter((known) => known.node !== node.name);
    return;
  }
  const isLearner = standing === 'learner';
  const member = { id: etcdIdFrom(state.seed, node.name, nodeId), node: node.name, name: node.name, isLearner };
  const at = state.etcd.members.findIndex((known) => known.node === node.name);
  if (at === -1) state.etcd.members.push(member);
  else state.etcd.members[at] = member;
  const { alarm } = node.part.etcd ?? {};
  if (alarm !== undefined) state.etcd.alarms.push({ memberId: member.id, alarm });
}

/** What a reset tells the others. */
function leave(state: ClusterState, node: NodeState): void {
  leaveDiscovery(state, node);
  state.etcd.members = state.etcd.members.filter((member) => member.node !== node.name);
}

function placeMachine(state: ClusterState, node: NodeState, part: NodePart, version: string): void {
  node.part = part;
  node.physical = physicalFor(state, node.name, part, part.version ?? version);
  node.power = part.power ?? 'on';
  node.faults = [...(part.faults ?? [])];
  node.bootCount = 0;
  node.boot = undefined;
  delete node.isCordoned;
  node.pending = [];
  node.lastActions = [];
  node.isAsBefore = true;
}

/**
 * Puts the machines of a scenario in place. Those that it changes have just booted, `bootedAgo` before now, and lived
 * through it in their own time; the others are left alone. Identity, addresses and CA of the cluster stay.
 * Returns the nodes that were changed.
 */
export function loadScenario(
  state: ClusterState,
  scenario: Scenario,
  engine: Engine,
  now: number,
): readonly NodeState[] {
  const { cuts } = scenario;
  setCuts(state, [], now);
  engine.notice();
  const placements = Object.values(state.nodes).flatMap((node) => {
    const part = scenario.nodes[node.name] ?? {};
    const isNamed = Object.keys(part).length > 0;
    const isFirst = wasNeverOn(node);
    const isUpgraded = node.physical.version !== scenario.version;
    const isOther = isNamed || !isDeepStrictEqual(node.part, part) || !isPristine(state, node);
    if (!isFirst && !isUpgraded && !isOther) return [];
    const agoMs = isNamed || (isOther && !isFirst) ? scenario.bootedAgoMs : LONG_UPTIME_MS;
    return [{ node, part, startedAt: now - agoMs }];
  });
  for (const { node, part } of placements) placeMachine(state, node, part, scenario.version);
  for (const { node, startedAt } of placements) rememberWell(state, node, startedAt, scenario.version);
  state.scenario = scenario.name;
  supplyFactory(state, scenario.factory);
  for (const { node, part } of placements) if (part.leftCluster) leave(state, node);
  const lives = placements.filter(({ node }) => node.power === 'on').map((placement) => lifeOf(state, placement));
  const goingOff = placements
    .filter(({ node }) => node.power === 'off')
    .map(({ node, startedAt }) => ({ at: startedAt, happens: () => void delete node.isAsBefore }));
  const since = now - scenario.bootedAgoMs;
  engine.replay(lives, [...goingOff, { at: since, happens: () => setCuts(state, cuts, since) }]);
  return placements.map(({ node }) => node);
}

type Placement = { readonly node: NodeState; readonly part: NodePart; readonly startedAt: number };

/** What people did to it since it started. */
function lifeOf(state: ClusterState, { node, part, startedAt }: Placement): Life {
  const renamed = (part.renamed ?? []).map(({ after, hostname }): Life['steps'][number] => ({
    due: startedAt + after,
    step: { kind: 'config_names', hostname },
  }));
  const ordered = (part.ordered ?? []).map(({ after, action }, n): Life['steps'][number] => {
    const order = { ...REBOOT, mode: action === 'powercycle' ? ('POWERCYCLE' as const) : REBOOT.mode };
    const actorId = uuidFrom('actor', state.seed, node.name, String(startedAt), String(n));
    return { due: startedAt + after, step: { kind: 'sequence_starts', actorId, order } };
  });
  const applied = (part.applied ?? []).map((one): Life['steps'][number] => ({
    due: startedAt + one.after,
    step: { kind: 'config_is_applied', applied: one },
  }));
  return { node, startedAt, steps: [...renamed, ...applied, ...ordered] };
}
