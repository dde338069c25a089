import type { Evidence } from '../evidence/evidence.ts';
import { cite, few, list, present } from './cite.ts';
import { type EtcdQuorum, lostQuorum } from './etcd-quorum.ts';
import { etcdService, isEtcdServing } from './etcd-service.ts';
import type { Citation, Confidence, Finding, Playbook } from './finding.ts';
import { isControlPlane } from './role.ts';

/** An election takes seconds; etcd without a leader for longer has nobody to elect one. Our own choice, far above etcd's timeouts. */
const ELECTED_WITHIN_MS = 60_000;

/** More than half of the voters are gone, so nothing can be written. As in siderolabs/talos#9789. A person's case: nothing is suggested. */
export const etcdQuorumLost: Playbook = {
  name: 'etcd-quorum-lost',
  diagnose(evidence, facts) {
    const quorum = lostQuorum(evidence, facts);
    if (quorum === undefined) return [];
    const isOwn = isControlPlane(evidence, facts);
    const finding: Finding = {
      code: 'etcd_quorum_lost',
      severity: isOwn ? 'critical' : 'warning',
      confidence: confidenceOf(evidence, quorum, isOwn),
      summary: summaryOf(quorum),
      evidence: citations(evidence, quorum),
      suggests: [],
      rulesOut: [
        {
          code: 'etcd_member_removed',
          because: `etcd on ${few(quorum.leaderless)} runs and is a member; it only has no leader.`,
        },
      ],
      advice: adviceFor(quorum),
    };
    const explains = isOwn && evidence.reach.mode !== 'silent';
    return [explains ? { ...finding, explains } : finding];
  },
};

const answering = ({ leaderless }: EtcdQuorum): number => leaderless.length;

/**
 * `certain`: too few have an etcd that answers, all their machines were heard, and it is no election that is under way.
 * Whoever is silent may have a quorum on the other side of a broken network, with the node itself cut off like us.
 */
function confidenceOf(evidence: Evidence, quorum: EtcdQuorum, isOwn: boolean): Confidence {
  const isTooFew = answering(quorum) < quorum.needed;
  if (!isTooFew) return isLasting(evidence) ? 'likely' : 'possible';
  const isAllHeard = quorum.silent.length === 0 && quorum.strangers.length === 0 && quorum.isEveryoneAsked;
  return isOwn && isAllHeard && isLasting(evidence) ? 'certain' : 'likely';
}

/** By the health check of the node's own etcd, which Talos repeats and of which it remembers when it began to fail. */
function isLasting(evidence: Evidence): boolean {
  const service = etcdService(evidence);
  if (service === undefined || isEtcdServing(service)) return false;
  const since = service.events.findLast(({ message }) => message.startsWith('Health check failed'))?.at;
  return Date.parse(evidence.collectedAt) - Date.parse(since ?? '') >= ELECTED_WITHIN_MS;
}

const one = (names: readonly string[], singular: string, plural: string): string =>
  `${few(names)} ${names.length === 1 ? singular : plural}`;

function summaryOf(quorum: EtcdQuorum): string {
  const { leaderless, silent, withoutEtcd, strangers, voters, needed } = quorum;
  if (answering(quorum) >= needed) {
    return `etcd has no leader although ${answering(quorum)} of ${voters} voters answer (${few(leaderless)}) and ${needed} are enough.`;
  }
  const away = present([
    silent.length === 0 ? undefined : one(silent, 'does not answer at all', 'do not answer at all'),
    withoutEtcd.length === 0 ? undefined : `the etcd of ${one(withoutEtcd, 'does not answer', 'does not answer')}`,
    strangers.length === 0
      ? undefined
      : `${one(strangers, 'is', 'are')} not in the cluster now, most likely in maintenance mode`,
  ]);
  return `etcd has lost its quorum: of ${voters} voters only ${one(leaderless, 'answers', 'answer')}, ${needed} are needed; ${away.join(', and ')}.`;
}

function citations(
  evidence: Evidence,
  { leaderless, silent, withoutEtcd, strangers, isEveryoneAsked }: EtcdQuorum,
): readonly Citation[] {
  const service = etcdService(evidence);
  const failing = service?.events.findLast(({ message }) => message.startsWith('Health check failed'));
  return present([
    cite(
      evidence.readings.etcdStatus?.ok === false ? 'services' : 'etcdStatus',
      `No leader, says the etcd of ${list(leaderless)}.`,
    ),
    failing && cite('services', `etcd since ${failing.at}: ${failing.message}`),
    silent.length === 0
      ? undefined
      : cite(
          'peers',
          `No answer from here: ${list(silent)}. Where they answer from elsewhere, ${list(leaderless)} may be cut off instead.`,
        ),
    withoutEtcd.length === 0
      ? undefined
      : cite('peers', `The machine answers, its etcd does not: ${list(withoutEtcd)}.`),
    strangers.length === 0
      ? undefined
      : cite('peers', `The certificate is not of this cluster, as in maintenance mode: ${list(strangers)}.`),
    isEveryoneAsked ? undefined : cite('affiliates', 'Not every control plane that is known could be asked.'),
  ]);
}

const NEVER =
  'Never bootstrap a cluster that had data, and reset nothing: what is left on the disks is what brings it back.';

function adviceFor(quorum: EtcdQuorum): string {
  const { silent, withoutEtcd, strangers, needed } = quorum;
  const missing = needed - answering(quorum);
  if (missing <= 0) {
    return `If it lasts for more than a minute, look at 2380/tcp between the control planes, at their clocks and at the latency of their disks. ${NEVER}`;
  }
  const away = few([...silent, ...withoutEtcd, ...strangers]);
  const how = present([
    silent.length === 0 ? undefined : `power, console and network of ${few(silent)}`,
    withoutEtcd.length === 0 ? undefined : `why etcd does not run on ${few(withoutEtcd)}`,
    strangers.length === 0
      ? undefined
      : `why ${one(strangers, 'waits', 'wait')} in maintenance mode: with its data on the disk, the saved config of exactly that machine brings the member back`,
  ]);
  return `Bring ${missing} of ${away} back (${how.join('; ')}): etcd then elects a leader by itself. ${NEVER} Only if they are lost for good does a person restore a snapshot.`;
}
