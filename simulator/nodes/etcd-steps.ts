import { electLeader, isEtcdUp, memberOf } from './etcd.ts';
import { etcdFileOf, isOverQuota } from './etcd-file.ts';
import { etcdIsChecked } from './etcd-health.ts';
import { joinsAnew, retrying } from './etcd-join.ts';
import { etcdIdFrom } from './identity.ts';
import { reachesEtcd } from './network.ts';
import { bootOf, phase, service } from './record.ts';
import { preparesService, unstarted } from './service-steps.ts';
import type { ClusterState, NodeState } from './state.ts';
import { after, type Next } from './step.ts';

const UP_MS = 3_000;
const CHECKED_MS = 1_000;
const PROMOTED_MS = 10_000;
/** Ten minutes of tries. */
const PROMOTION_RETRY_MS = 15_000;
const PROMOTION_TRIES = 40;
/** Source: system/runner/restart, the pause of a service that runs forever. */
const RESTART_PAUSE_MS = 5_000;
const CRASH_MS = 1_000;

export function etcdStarts(cluster: ClusterState, node: NodeState, at: number): Next[] {
  phase(node, at, 'startEverything', 'startAllServices', '15/15');
  return etcdRuns(cluster, node, at);
}
export const etcdRuns = (cluster: ClusterState, node: NodeState, at: number): Next[] =>
  preparesService(node, at, 'etcd') ? etcdJoins(cluster, node, at) : unstarted(node, 'etcd');

/** etcd takes the hostname of this moment, keeps it while it runs, and tells the others once it sees a leader. */
export function etcdJoins(cluster: ClusterState, node: NodeState, at: number, tries = 0): Next[] {
  const boot = bootOf(node);
  const { disk, cluster: owner } = node.physical;
  boot.etcdName = boot.hostname.hostname;
  const promoted = after(PROMOTED_MS, { kind: 'etcd_promotes' });
  const isUp = after(UP_MS, { kind: 'service_is_up', id: 'etcd' });
  if (owner === 'own' && disk.etcdData === 'none') {
    const next = joinsAnew(cluster, node, at, tries, [isUp, promoted]);
    if (next.includes(isUp)) service(node, at, 'etcd', 'Preparing', 'Creating service runner');
    return next;
  }
  service(node, at, 'etcd', 'Preparing', 'Creating service runner');
  if (owner !== 'own') return [isUp];
  if (disk.etcdData === 'removed') return etcdCrashes(node, at);
  const known = memberOf(cluster, node);
  if (known === undefined) {
    const id = etcdIdFrom(cluster.seed, node.name, disk.nodeId ?? boot.id);
    cluster.etcd.members.push({ id, node: node.name, name: boot.etcdName, isLearner: false });
  }
  // only in the boot in which it joined somebody asks for its promotion
  return known?.isLearner && boot.number === 0 ? [isUp, promoted] : [isUp];
}

/** The leader must have sent it everything. Source: system/services/etcd.go, promoteMember. */
export function etcdPromotes(cluster: ClusterState, node: NodeState, at: number, tries = 1): Next[] {
  const member = memberOf(cluster, node);
  if (!member?.isLearner) return [];
  electLeader(cluster);
  const { etcd, nodes } = cluster;
  const leading = nodes[etcd.members.find(({ id }) => id === etcd.leader)?.node ?? ''];
  if (leading !== undefined && isEtcdUp(node) && reachesEtcd(cluster, leading, node)) {
    member.isLearner = false;
    return [];
  }
  retrying(node, at, 'etcdserver: can only promote a learner member which is in sync with leader');
  if (tries >= PROMOTION_TRIES) return [];
  return [after(PROMOTION_RETRY_MS, { kind: 'etcd_promotes', tries: tries + 1 })];
}

/** Its data is of a member that was removed for good: it starts and ends, again and again. */
export function etcdCrashes(node: NodeState, at: number): Next[] {
  if (bootOf(node).services['etcd']?.state === 'Finished') return [];
  service(node, at, 'etcd', 'Waiting', 'Runner Containerd(etcd) exited without error, going to restart it');
  return [after(RESTART_PAUSE_MS, { kind: 'etcd_retries' })];
}

export function etcdRetries(node: NodeState, at: number): Next[] {
  if (bootOf(node).services['etcd']?.state !== 'Waiting') return [];
  etcdTaskStarts(node, at);
  return [after(CRASH_MS, { kind: 'etcd_crashes' })];
}

function etcdTaskStarts(node: NodeState, at: number): void {
  const boot = bootOf(node);
  boot.pid += 17;
  const started = `Started task etcd (PID ${boot.pid}) for container etcd`;
  service(node, at, 'etcd', 'Running', started, { healthy: false, message: '' });
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

export function etcdIsUp(node: NodeState, at: number): Next[] {
  etcdTaskStarts(node, at);
  return [after(CHECKED_MS, { kind: 'etcd_is_checked' })];
}

export function etcdFirstCheck(cluster: ClusterState, node: NodeState, at: number): Next[] {
  etcdIsChecked(cluster, node, at);
  return [];
}
