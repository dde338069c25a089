import { isEtcdUp, leaderSeenBy, memberOf } from './etcd.ts';
import { bootOf, service } from './record.ts';
import type { ClusterState, NodeState } from './state.ts';
import { after, type Noticed } from './step.ts';

const NOTICED_AFTER_MS = 500;

/** What its health check says: a read that needs the quorum. Empty: nothing. Source: services/etcd.go, HealthFunc. */
function healthProblem(cluster: ClusterState, node: NodeState): string {
  if (node.physical.cluster === 'foreign') return '';
  if (memberOf(cluster, node)?.isLearner) return 'etcdserver: rpc not supported for learner';
  return leaderSeenBy(cluster, node) === '0' ? 'etcdserver: no leader' : '';
}

/** A member that sees a leader tells the others its name, and the health check says what changed. */
export function etcdIsChecked(cluster: ClusterState, node: NodeState, at: number): boolean {
  const boot = bootOf(node);
  const { health } = boot.services['etcd'] ?? {};
  if (health === undefined || !isEtcdUp(node)) return false;
  const member = memberOf(cluster, node);
  if (member !== undefined && leaderSeenBy(cluster, node) !== '0') member.name = boot.etcdName ?? '';
  const problem = healthProblem(cluster, node);
  if (health.healthy === (problem === '') && health.lastMessage === problem) return false;
  const message = problem === '' ? 'Health check successful' : `Health check failed: ${problem}`;
  service(node, at, 'etcd', 'Running', message, { healthy: problem === '', message: problem });
  return true;
}

/** What the members notice of a change anywhere: another leader or none, or that they were removed. */
export function etcdNotices(cluster: ClusterState, at: number): readonly Noticed[] {
  return Object.values(cluster.nodes).flatMap((node): readonly Noticed[] => {
    const etcd = node.boot?.services['etcd'];
    if (node.power === 'off' || etcd?.state !== 'Running') return [];
    if (node.physical.disk.etcdData === 'removed') {
      if (node.pending.some(({ step }) => step.kind === 'etcd_crashes')) return [];
      return [{ node, next: [after(NOTICED_AFTER_MS, { kind: 'etcd_crashes' })] }];
    }
    const isInTouch = leaderSeenBy(cluster, node) !== '0';
    if (isInTouch) delete node.boot?.leaderLostAt;
    else if (node.boot !== undefined) node.boot.leaderLostAt ??= at;
    const wasChecked = etcd.health.healthy || etcd.health.lastMessage !== '';
    return wasChecked && etcdIsChecked(cluster, node, at) ? [{ node, next: [] }] : [];
  });
}
