import type { Evidence } from '../evidence/evidence.ts';
import { type EtcdSpace, etcdSpace, gib, type MemberSize, memberSizes } from '../playbooks/etcd-space.ts';
import { type EtcdVoice, etcdVoices } from '../playbooks/etcd-voices.ts';
import { etcdView, quorumOf } from '../safety/quorum.ts';

/** Below this share of holes a member is left alone: what it would gain is not worth that it stands still. Our own choice. */
const WORTH_FROM_SHARE = 0.1;

/** The node of the plan is a control plane: its gates said so. */
const NOTHING_MORE = { inventory: undefined, ordered: [] };

export type EtcdFiles = {
  /** Followers by name, the leader last: the order in which they are written anew. */
  readonly files: readonly MemberSize[];
  /** Control planes that do not say how large theirs is. */
  readonly unread: readonly string[];
  /** undefined: nothing says that etcd is out of space. */
  readonly alarm: EtcdSpace | undefined;
};

export function etcdFiles(evidence: Evidence): EtcdFiles {
  const voices = etcdVoices(evidence, NOTHING_MORE);
  const files = memberSizes(voices).toSorted(
    (a, b) => Number(a.isLeader) - Number(b.isLeader) || a.node.localeCompare(b.node, 'en'),
  );
  return { files, unread: unreadOf(voices), alarm: etcdSpace(evidence, NOTHING_MORE) };
}

const unreadOf = (voices: readonly EtcdVoice[]): readonly string[] =>
  voices.filter(({ status }) => status === undefined).map(({ node }) => node);

export const isWorthIt = ({ dbBytes, inUseBytes }: MemberSize): boolean =>
  dbBytes > 0 && dbBytes - inUseBytes >= dbBytes * WORTH_FROM_SHARE;

export const fileText = ({ dbBytes, inUseBytes }: MemberSize): string => `${gib(dbBytes)}, ${gib(inUseBytes)} in use`;

/** Why no member may stand still for a while, whichever it is; undefined: one may. The gate asks it of the plan's node. */
export function whyNoPause(evidence: Evidence): string | undefined {
  const view = etcdView(evidence);
  if (view === undefined) return 'Nobody says who the etcd members are, so quorum is not proven.';
  const { voters, voting } = view;
  if (voters.length === 1) return undefined;
  const remaining = voters.filter(({ id }) => voting.has(id)).length - 1;
  const needed = quorumOf(voters.length);
  if (remaining >= needed) return undefined;
  return `While one stands still, ${Math.max(0, remaining)} of ${voters.length} etcd voters would be left, ${needed} are needed.`;
}

/** CORRUPT, or another alarm that space does not cure. */
export const otherAlarms = (evidence: Evidence): readonly string[] => [
  ...new Set(
    etcdVoices(evidence, NOTHING_MORE)
      .flatMap(({ status }) => status?.errors ?? [])
      .flatMap((error) => /\balarm:([A-Z]{1,20})\b/.exec(error)?.[1] ?? [])
      .filter((alarm) => alarm !== 'NOSPACE'),
  ),
];
