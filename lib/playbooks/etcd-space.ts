import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { type EtcdVoice, etcdVoices } from './etcd-voices.ts';
import type { Facts } from './finding.ts';

/** What etcd uses where nobody sets a quota. Source: etcd documentation, "Storage size limit"; siderolabs/talos#4888. */
const DEFAULT_QUOTA_BYTES = 2 * 1024 ** 3;
/** Share of the quota in use below which a defragmentation is all that it takes. Source: Talos docs, "etcd Maintenance". */
const FRAGMENTED_BELOW_SHARE = 0.5;
/** Share of the quota in use from which a defragmentation gains next to nothing. Our own choice: a fifth of room. */
const FULL_FROM_SHARE = 0.8;
/** A member raises the alarm at the quota; a file below this share of it has been defragmented since. Our own choice. */
const SHRUNK_BELOW_SHARE = 0.9;

const ALARM = 'NOSPACE';
const SPACE_EXCEEDED = 'database space exceeded';

export type MemberSize = {
  readonly node: string;
  readonly id: string;
  readonly dbBytes: number;
  readonly inUseBytes: number;
  readonly isLeader: boolean;
};

export type EtcdSpace = {
  /** Who says that the alarm is on. */
  readonly saidBy: 'own alarms' | 'own status' | 'a peer' | 'a log';
  /** The node's own list of alarms was read and has none, against what is said elsewhere. */
  readonly isDenied: boolean;
  /** Names of the alarmed members, or their ids where no name is known. */
  readonly alarmed: readonly string[];
  readonly sizes: readonly MemberSize[];
  /** Control planes whose sizes are not known. */
  readonly unread: readonly string[];
  readonly quotaBytes: number;
  readonly isQuotaRead: boolean;
  readonly largestBytes: number;
  readonly inUseShare: number;
  /** `unknown`: no size could be read. `disarm`: the files are small again, only the alarm is still on. */
  readonly kind: 'fragmented' | 'filling' | 'full' | 'disarm' | 'unknown';
};

/** undefined: nothing says that etcd is out of space. */
export function etcdSpace(evidence: Evidence, facts: Facts): EtcdSpace | undefined {
  const voices = etcdVoices(evidence, facts);
  const own = readValue(evidence.readings.etcdAlarms);
  const ownIds = (own ?? []).filter(({ alarm }) => alarm === ALARM).map(({ memberId }) => memberId);
  const statusIds = voices.map((voice) => ({ ...voice, ids: alarmedIn(voice.status?.errors ?? []) }));
  const ids = [...new Set([...ownIds, ...statusIds.flatMap(({ ids }) => ids)])];
  const isAnyStatusRead = voices.some(({ status }) => status !== undefined);
  const isLogged = own === undefined && !isAnyStatusRead && saysSo(evidence);
  if (ids.length === 0 && !isLogged) return undefined;
  const sizes = memberSizes(voices);
  const largestBytes = Math.max(0, ...sizes.map(({ dbBytes }) => dbBytes));
  const configured = readValue(evidence.readings.etcdSpec)?.quotaBytes;
  // a file cannot grow past the quota, so a larger one shows a larger quota
  const quotaBytes = Math.max(configured ?? DEFAULT_QUOTA_BYTES, largestBytes);
  const inUseShare = Math.max(0, ...sizes.map(({ inUseBytes }) => inUseBytes)) / quotaBytes;
  const unread = voices.filter(({ status }) => status === undefined).map(({ node }) => node);
  return {
    saidBy: saidBy(ownIds.length > 0, statusIds),
    isDenied: own !== undefined && ownIds.length === 0,
    alarmed: ids.map((id) => sizes.find((size) => size.id === id)?.node ?? id),
    sizes,
    unread,
    quotaBytes,
    isQuotaRead: configured !== undefined,
    largestBytes,
    inUseShare,
    kind: kindOf(largestBytes / quotaBytes, inUseShare, sizes.length, unread.length),
  };
}

/** The file of every member that says how large it is. */
export const memberSizes = (voices: readonly EtcdVoice[]): readonly MemberSize[] =>
  voices.flatMap(({ node, status }) =>
    status === undefined
      ? []
      : [
          {
            node,
            id: status.memberId,
            dbBytes: status.dbBytes,
            inUseBytes: status.dbInUseBytes,
            isLeader: status.leader !== '0' && status.leader === status.memberId,
          },
        ],
  );

export const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(2)} GiB`;

/** `memberID:10170646751219205085 alarm:NOSPACE `, as etcd writes alarms into the errors of a status. */
const ERROR = /^\s*memberID:(\d{1,20})\s+alarm:NOSPACE\s*$/;
const alarmedIn = (errors: readonly string[]): readonly string[] =>
  errors.flatMap((error) => {
    const id = ERROR.exec(error)?.[1];
    return id === undefined ? [] : [id];
  });

/** Read only where nothing typed could be: up to Talos 1.8 a reader may not ask for status and alarms. */
function saysSo({ readings }: Evidence): boolean {
  return Object.values(readings.logs ?? {}).some((log) =>
    (readValue(log) ?? []).some((line) => line.includes(SPACE_EXCEEDED)),
  );
}

function saidBy(
  byAlarms: boolean,
  statuses: readonly { readonly isSelf: boolean; readonly ids: readonly string[] }[],
): EtcdSpace['saidBy'] {
  if (byAlarms) return 'own alarms';
  const said = statuses.filter(({ ids }) => ids.length > 0);
  if (said.some(({ isSelf }) => isSelf)) return 'own status';
  return said.length > 0 ? 'a peer' : 'a log';
}

function kindOf(fileShare: number, inUseShare: number, sizes: number, unread: number): EtcdSpace['kind'] {
  if (sizes === 0) return 'unknown';
  if (inUseShare >= FULL_FROM_SHARE) return 'full';
  // one that is not read may be the one that is full
  if (fileShare < SHRUNK_BELOW_SHARE) return unread === 0 ? 'disarm' : 'unknown';
  return inUseShare < FRAGMENTED_BELOW_SHARE ? 'fragmented' : 'filling';
}
