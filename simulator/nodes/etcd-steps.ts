import { serviceIsUp } from './boot-services.ts';
import { electLeader, hasQuorum, memberOf } from './etcd.ts';
import { etcdFileOf, isOverQuota } from './etcd-file.ts';
import { removeMember } from './etcd-membership.ts';
import { etcdIdFrom } from './identity.ts';
import { bootOf, phase, service } from './record.ts';
import { preparesService, unstarted } from './service-steps.ts';
import type { ClusterState, NodeState } from './state.ts';
import { after, type Next } from './step.ts';

const UP_MS = 3_000;
const PROMOTED_MS = 10_000;
const RETRY_MS = 10_000;
/** Source: system/runner/restart, the pause of a service that runs forever. */
const RESTART_PAUSE_MS = 5_000;
const CRASH_MS = 1_000;

export function etcdStarts(cluster: ClusterState, node: NodeState, at: number): Next[] {
  phase(node, at, 'startEverything', 'startAllServices', '15/15');
  return etcdRuns(cluster, node, at);
}
export const etcdRuns = (cluster: ClusterState, node: NodeState, at: number): Next[] =>
  preparesService(node, at, 'etcd') ? etcdJoins(cluster, node, at) : unstarted(node, 'etcd');

/** etcd takes the hostname of this moment, keeps it while it runs, and tells the others once it is up. */
export function etcdJoins(cluster: ClusterState, node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  const { disk, cluster: owner } = node.physical;
  boot.etcdName = boot.hostname.hostname;
  const isUp = after(UP_MS, { kind: 'service_is_up', id: 'etcd' });
  if (owner !== 'own') return [isUp];
  if (disk.etcdData === 'removed') return etcdCrashes(node, at);
  if (disk.etcdData === 'none') return joinsAnew(cluster, node, isUp);
  const known = memberOf(cluster, node);
  if (known) known.name = boot.etcdName;
  else {
    const id = etcdIdFrom(cluster.seed, node.name, disk.nodeId ?? boot.id);
    cluster.etcd.members.push({ id, node: node.name, name: boot.etcdName, isLearner: false });
  }
  return [isUp];
}

/**
 * Without data: as a learner that has no name yet, in place of a member of the same name, whosever that is.
 * Source: system/services/etcd.go, addMember.
 */
function joinsAnew(cluster: ClusterState, node: NodeState, isUp: Next): Next[] {
  if (!hasQuorum(cluster)) return [after(RETRY_MS, { kind: 'etcd_joins' })];
  const boot = bootOf(node);
  const stale = cluster.etcd.members.filter(({ name, node: of }) => name === boot.etcdName || of === node.name);
  for (const member of stale) {
    removeMember(cluster, member.id);
    const other = cluster.nodes[member.node];
    if (other !== undefined && other !== node) other.physical.disk.etcdData = 'removed';
  }
  const id = etcdIdFrom(cluster.seed, node.name, boot.id);
  cluster.etcd.members.push({ id, node: node.name, name: '', isLearner: true });
  delete node.physical.disk.etcdData;
  electLeader(cluster);
  return [isUp, after(PROMOTED_MS, { kind: 'etcd_promotes' })];
}

export function etcdPromotes(cluster: ClusterState, node: NodeState): Next[] {
  const member = memberOf(cluster, node);
  if (member) member.isLearner = false;
  return [];
}

/** Its data is of a member that was removed for good: it starts and ends, again and again. */
export function etcdCrashes(node: NodeState, at: number): Next[] {
  if (bootOf(node).services['etcd']?.state === 'Finished') return [];
  const cause = 'task "etcd" failed: exit code 1';
  service(node, at, 'etcd', 'Waiting', `Error running Containerd(etcd), going to restart forever: ${cause}`);
  return [after(RESTART_PAUSE_MS, { kind: 'etcd_retries' })];
}

export function etcdRetries(node: NodeState, at: number): Next[] {
  if (bootOf(node).services['etcd']?.state !== 'Waiting') return [];
  const boot = bootOf(node);
  boot.pid += 17;
  const started = `Started task etcd (PID ${boot.pid}) for container etcd`;
  service(node, at, 'etcd', 'Running', started, { healthy: false, message: '' });
  return [after(CRASH_MS, { kind: 'etcd_crashes' })];
}

/** The next write raises the alarm again where the file is still too large. */
export function etcdWrites(cluster: ClusterState, node: NodeState): Next[] {
  const member = memberOf(cluster, node);
  const alarms = cluster.etcd.alarms ?? [];
  if (member === undefined || !isOverQuota(etcdFileOf(node))) return [];
  if (alarms.some(({ memberId }) => memberId === member.id)) return [];
  cluster.etcd.alarms = [...alarms, { memberId: member.id, alarm: 'NOSPACE' }];
  return [];
}

export function etcdIsUp(cluster: ClusterState, node: NodeState, at: number): void {
  serviceIsUp(node, at, 'etcd');
  const member = memberOf(cluster, node);
  if (member) member.name = bootOf(node).etcdName ?? '';
  electLeader(cluster);
}
