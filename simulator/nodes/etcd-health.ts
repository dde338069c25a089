import { electedSeenBy, electLeader, isEtcdUp, leaderSeenBy, memberOf } from './etcd.ts';
import { bootOf, service } from './record.ts';
import type { ClusterState, EtcdMember, NodeState } from './state.ts';
import { after, type Noticed } from './step.ts';

const NOTICED_AFTER_MS = 500;

/** What its health check says: a read that needs the quorum. Empty: nothing. Source: services/etcd.go, HealthFunc. */
function healthProblem(node: NodeState, member: EtcdMember | undefined, isInTouch: boolean): string {
  if (node.physical.cluster === 'foreign') return '';
  if (member?.isLearner) return 'etcdserver: rpc not supported for learner';
  return isInTouch ? '' : 'etcdserver: no leader';
}

/** A member that sees a leader tells the others its name, and the health check says what changed. */
export const etcdIsChecked = (cluster: ClusterState, node: NodeState, at: number): boolean =>
  checksHealth(cluster, node, at, leaderSeenBy(cluster, node) !== '0');

function checksHealth(cluster: ClusterState, node: NodeState, at: number, isInTouch: boolean): boolean {
  const boot = bootOf(node);
  const { health } = boot.services['etcd'] ?? {};
  if (health === undefined || !isEtcdUp(node)) return false;
  const member = memberOf(cluster, node);
  if (member !== undefined && isInTouch) member.name = boot.etcdName ?? '';
  const problem = healthProblem(node, member, isInTouch);
  if (health.healthy === (problem === '') && health.lastMessage === problem) return false;
  const message = problem === '' ? 'Health check successful' : `Health check failed: ${problem}`;
  service(node, at, 'etcd', 'Running', message, { healthy: problem === '', message: problem });
  return true;
}

const runsEtcd = ({ power, boot }: NodeState): boolean => power === 'on' && boot?.services['etcd']?.state === 'Running';

/** What the members notice of a change anywhere: another leader or none, or that they were removed. */
export function etcdNotices(cluster: ClusterState, at: number): readonly Noticed[] {
  const running = Object.values(cluster.nodes).filter(runsEtcd);
  if (running.length === 0) return [];
  electLeader(cluster);
  return running.flatMap((node): readonly Noticed[] => {
    if (node.physical.disk.etcdData === 'removed') {
      if (node.pending.some(({ step }) => step.kind === 'etcd_crashes')) return [];
      return [{ node, next: [after(NOTICED_AFTER_MS, { kind: 'etcd_crashes' })] }];
    }
    const isInTouch = electedSeenBy(cluster, node) !== '0';
    if (isInTouch) delete node.boot?.leaderLostAt;
    else if (node.boot !== undefined) node.boot.leaderLostAt ??= at;
    const { health } = node.boot?.services['etcd'] ?? {};
    const wasChecked = health?.healthy === true || (health?.lastMessage ?? '') !== '';
    return wasChecked && checksHealth(cluster, node, at, isInTouch) ? [{ node, next: [] }] : [];
  });
}
