import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { etcdService } from './etcd-service.ts';
import { type EtcdVoice, etcdVoices, quorumOf } from './etcd-voices.ts';
import type { Facts } from './finding.ts';

export type EtcdQuorum = {
  /** Voters whose etcd answers, and says that it has no leader. */
  readonly leaderless: readonly string[];
  /** Control planes whose etcd does not answer: those that do not answer at all, and those where only etcd is away. */
  readonly silent: readonly string[];
  readonly withoutEtcd: readonly string[];
  /** Something answers there under a certificate that is not of this cluster: mostly the machine, in maintenance mode. */
  readonly strangers: readonly string[];
  readonly voters: number;
  readonly needed: number;
  /** Discovery knows no control plane that was not asked, and none refused to say (a reader gets no status up to Talos 1.8). */
  readonly isEveryoneAsked: boolean;
};

/** undefined: somebody has a leader, or no voter answers, so that nothing is known. */
export function lostQuorum(evidence: Evidence, facts: Facts): EtcdQuorum | undefined {
  const voices = etcdVoices(evidence, facts);
  if (voices.some(({ hasLeader }) => hasLeader)) return undefined;
  const isSaid = isSaidByHealthCheck(evidence);
  const leaderless = voices.filter((one) => isLeaderless(one) || (one.isSelf && one.status === undefined && isSaid));
  if (leaderless.length === 0) return undefined;
  const learners = voices.filter(({ status }) => status?.isLearner === true);
  const unheard = voices.filter((one) => one.status === undefined && !leaderless.includes(one));
  const denied = unheard.filter(({ error }) => error === 'permission_denied');
  const away = unheard.filter((one) => !denied.includes(one));
  const hasMachine = ({ node }: EtcdVoice) =>
    evidence.peers.some((peer) => peer.node === node && peer.machineStatus.ok) || isSelf(evidence, facts, node);
  const isStranger = ({ node }: EtcdVoice) =>
    evidence.peers.some(
      ({ node: name, machineStatus }) => name === node && !machineStatus.ok && machineStatus.error.code === FOREIGN,
    );
  const voters = voices.length - learners.length;
  return {
    leaderless: leaderless.map(({ node }) => node),
    silent: away.filter((one) => !hasMachine(one) && !isStranger(one)).map(({ node }) => node),
    strangers: away.filter(isStranger).map(({ node }) => node),
    withoutEtcd: away.filter(hasMachine).map(({ node }) => node),
    voters,
    needed: quorumOf(voters),
    isEveryoneAsked: denied.length === 0 && controlPlanesKnown(evidence) <= voices.length,
  };
}

const FOREIGN = 'unknown_authority';

/** A learner hears no leader for reasons of its own. */
const isLeaderless = ({ status }: EtcdVoice): boolean =>
  status !== undefined && status.leader === '0' && !status.isLearner;

/** Up to Talos 1.8, where a reader gets no status, the health check of the service says it. */
function isSaidByHealthCheck(evidence: Evidence): boolean {
  const service = etcdService(evidence);
  return service?.health === 'unhealthy' && service.lastMessage.includes('etcdserver: no leader');
}

const isSelf = ({ node, reach }: Evidence, { inventory }: Facts, name: string): boolean =>
  name === (inventory?.name ?? node) && (reach.mode === 'mtls' || reach.mode === 'forwarded');

/** Node ids that discovery has as control planes; entries outlive their node by 30 min. */
function controlPlanesKnown({ readings, peers }: Evidence): number {
  const lists = [readings.affiliates, ...peers.map(({ affiliates }) => affiliates)].flatMap(
    (one) => readValue(one) ?? [],
  );
  return new Set(lists.filter(({ machineType }) => machineType === 'controlplane').map(({ nodeId }) => nodeId)).size;
}
