import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { EtcdMemberReading } from '../evidence/values.ts';
import { etcdLines, etcdService, isEtcdServing } from './etcd-service.ts';
import { type EtcdVoice, etcdVoices } from './etcd-voices.ts';
import type { Facts } from './finding.ts';
import { hasPeerAddress, isEtcdMember, whoIs } from './membership.ts';
import { isControlPlane } from './role.ts';
import { inStateSince, minutesUntilNow } from './service-since.ts';

/** How etcd and Talos say it. As in siderolabs/talos#5350 and #5794. */
const SAYS = {
  isLearner: 'rpc not supported for learner',
  notInSync: 'can only promote a learner member which is in sync with leader',
  tooMany: 'too many learner members in cluster',
} as const;

export type EtcdLearner = {
  /** `own`: this node. `blocks`: another one, while this node cannot join. `other`: another one, and this node is well. */
  readonly whose: 'own' | 'blocks' | 'other';
  /** Name of the learner, where it is known. */
  readonly learner: string;
  /** It is in a list of members or in a status; otherwise only in a text. */
  readonly isTyped: boolean;
  /** Since when etcd of this node runs as a learner or waits to join. */
  readonly minutes: number | undefined;
  /** A learner that sees no leader hears nothing from its peers. */
  readonly seesLeader: boolean | undefined;
  /** Entries that it is behind the leader; undefined: not both were read. */
  readonly behind: number | undefined;
  /** The line that tells it, if there is one. */
  readonly line: { readonly from: 'logs' | 'kernelLog' | 'services'; readonly text: string } | undefined;
  /** The voters that it should hear from. */
  readonly voters: readonly string[];
};

export function etcdLearner(evidence: Evidence, facts: Facts): EtcdLearner | undefined {
  const voices = etcdVoices(evidence, facts);
  const members = voices.flatMap((voice) => voice.members ?? []);
  return isControlPlane(evidence, facts) ? seenFromOwn(evidence, facts, voices, members) : other(voices, members);
}

function seenFromOwn(
  evidence: Evidence,
  facts: Facts,
  voices: readonly EtcdVoice[],
  members: readonly EtcdMemberReading[],
): EtcdLearner | undefined {
  const service = etcdService(evidence);
  const isServing = service !== undefined && isEtcdServing(service) && service.health === 'healthy';
  const status = readValue(evidence.readings.etcdStatus);
  const listed = ownEntries(evidence, facts, members, status?.memberId);
  const isListed = listed.some(({ isLearner }) => isLearner) && !listed.some(({ isLearner }) => !isLearner);
  const minutes = minutesUntilNow(evidence, service && inStateSince(service));
  const fromHealth = service?.lastMessage.includes(SAYS.isLearner) ? service.lastMessage : undefined;
  const voters = votersOf(voices, members);
  // its own status is newer than what somebody else lists
  if (status?.isLearner ?? (isListed || (fromHealth !== undefined && listed.length === 0))) {
    return {
      whose: 'own',
      learner: facts.inventory?.name ?? evidence.node,
      isTyped: status !== undefined || isListed,
      minutes,
      seesLeader: status === undefined ? undefined : status.leader !== '0',
      behind: behindOf(voices, status?.raftAppliedIndex),
      line:
        lineWith(evidence, SAYS.notInSync) ??
        (fromHealth === undefined ? undefined : { from: 'services', text: fromHealth }),
      voters,
    };
  }
  const waiting = members.find(({ isLearner }) => isLearner);
  const refused = lineWith(evidence, SAYS.tooMany);
  const isJoining = !isServing && service?.state !== 'Running' && listed.length === 0;
  if (isJoining && (refused !== undefined || (waiting !== undefined && service?.state === 'Preparing'))) {
    return {
      whose: 'blocks',
      learner: waiting?.hostname ?? '',
      isTyped: waiting !== undefined && service?.state === 'Preparing',
      minutes,
      seesLeader: undefined,
      behind: undefined,
      line: refused,
      voters,
    };
  }
  return other(voices, members);
}

/** A join may be under way; how long it has been could be asked of the learner only. */
function other(voices: readonly EtcdVoice[], members: readonly EtcdMemberReading[]): EtcdLearner | undefined {
  const learner = members.find(({ isLearner }) => isLearner);
  if (learner === undefined) return undefined;
  return {
    whose: 'other',
    learner: voices.find(({ status }) => status?.memberId === learner.id)?.node ?? learner.hostname,
    isTyped: true,
    minutes: undefined,
    seesLeader: undefined,
    behind: undefined,
    line: undefined,
    voters: votersOf(voices, members),
  };
}

function ownEntries(
  evidence: Evidence,
  facts: Facts,
  members: readonly EtcdMemberReading[],
  ownId: string | undefined,
): readonly EtcdMemberReading[] {
  const who = whoIs(evidence, facts.inventory);
  const byId = members.filter(({ id }) => id === ownId);
  if (byId.length > 0) return byId;
  const byAddress = members.filter((member) => hasPeerAddress(member, who.addresses));
  return byAddress.length > 0 ? byAddress : members.filter(isEtcdMember(who));
}

function votersOf(voices: readonly EtcdVoice[], members: readonly EtcdMemberReading[]): readonly string[] {
  const voters = members.filter(({ isLearner }) => !isLearner);
  return [
    ...new Set(
      voters.map(({ id, hostname }) => voices.find(({ status }) => status?.memberId === id)?.node ?? hostname),
    ),
  ];
}

function behindOf(voices: readonly EtcdVoice[], applied: string | undefined): number | undefined {
  const leader = voices.find(({ status }) => status !== undefined && status.leader === status.memberId)?.status;
  if (leader === undefined || applied === undefined) return undefined;
  const entries = Number(leader.raftIndex) - Number(applied);
  return Number.isFinite(entries) ? Math.max(0, entries) : undefined;
}

function lineWith(evidence: Evidence, text: string): EtcdLearner['line'] {
  return etcdLines(evidence).findLast((line) => line.text.includes(text));
}
