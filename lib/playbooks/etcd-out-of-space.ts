import type { ActionName } from '../approvals/action-name.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { cite, few, list, present, quote } from './cite.ts';
import { LARGER_ETCD_QUOTA } from './config-patch.ts';
import { type EtcdSpace, etcdSpace, gib } from './etcd-space.ts';
import type { Citation, Confidence, Finding, Playbook } from './finding.ts';
import { isControlPlane } from './role.ts';

/** The alarm that makes etcd refuse every write. Its quota counts the file, not what is in use of it. As in siderolabs/talos#4888. */
export const etcdOutOfSpace: Playbook = {
  name: 'etcd-out-of-space',
  diagnose(evidence, facts) {
    const space = etcdSpace(evidence, facts);
    if (space === undefined) return [];
    const isOwn = isControlPlane(evidence, facts);
    const finding: Finding = {
      code: 'etcd_out_of_space',
      severity: isOwn ? 'critical' : 'warning',
      confidence: confidenceOf(space, isOwn),
      summary: `etcd takes no writes any more: alarm NOSPACE${onText(space)}${WHY[space.kind](space)}.`,
      evidence: citations(evidence, space),
      suggests: isOwn ? SUGGESTS[space.kind] : [],
      rulesOut: ruledOut(evidence, space),
      advice: adviceFor(space),
      ...(space.kind === 'full' ? { patch: LARGER_ETCD_QUOTA } : {}),
    };
    return [isOwn ? { ...finding, explains: true } : finding];
  },
};

function confidenceOf({ saidBy, isDenied }: EtcdSpace, isOwn: boolean): Confidence {
  if (saidBy === 'a log') return 'possible';
  return isOwn && saidBy !== 'a peer' && !isDenied ? 'certain' : 'likely';
}

const onText = ({ alarmed }: EtcdSpace): string => (alarmed.length === 0 ? '' : ` on ${few(alarmed)}`);

const percent = (share: number): string => `${Math.floor(share * 100)} %`;
const ofQuota = ({ largestBytes, quotaBytes }: EtcdSpace): string =>
  `the database file has ${gib(largestBytes)} of a quota of ${gib(quotaBytes)}`;

const WHY: Readonly<Record<EtcdSpace['kind'], (space: EtcdSpace) => string>> = {
  fragmented: (space) => `; ${ofQuota(space)}, and only ${percent(space.inUseShare)} of that is in use`,
  filling: (space) => `; ${ofQuota(space)}, and ${percent(space.inUseShare)} of that is in use`,
  full: (space) => `; ${ofQuota(space)}, and ${percent(space.inUseShare)} of that is really in use`,
  disarm: (space) => `, although the files are small again (${gib(space.largestBytes)} at most)`,
  unknown: ({ unread }) => (unread.length === 0 ? '' : `; how full it is could not be read of ${few(unread)}`),
};

/** Its plan disarms the alarm in the end: before the files are small again the next write would raise it anew. */
const SUGGESTS: Readonly<Record<EtcdSpace['kind'], readonly ActionName[]>> = {
  fragmented: ['defragment_etcd'],
  filling: ['defragment_etcd'],
  full: [],
  disarm: ['disarm_etcd_alarm'],
  unknown: [],
};

function citations({ readings }: Evidence, space: EtcdSpace): readonly Citation[] {
  const { saidBy, alarmed, sizes, isDenied, isQuotaRead, quotaBytes } = space;
  const said = {
    'own alarms': cite('etcdAlarms', `Alarm NOSPACE on ${list(alarmed)}.`),
    'own status': cite('etcdStatus', `alarm:NOSPACE on ${list(alarmed)}.`),
    'a peer': cite('peers', `The etcd of a peer says alarm:NOSPACE on ${list(alarmed)}.`),
    'a log': cite('logs', 'A log says: database space exceeded.'),
  }[saidBy];
  const files = sizes.map(({ node, dbBytes, inUseBytes }) => `${node} ${gib(inUseBytes)} of ${gib(dbBytes)}`);
  return present([
    said,
    files.length === 0 ? undefined : cite('etcdStatus', `In use: ${files.join(', ')}.`),
    isDenied ? cite('etcdAlarms', 'Its own list of alarms is empty, which speaks against it.') : undefined,
    readings.etcdSpec?.ok
      ? cite('etcdSpec', `Quota ${gib(quotaBytes)}${isQuotaRead ? ' is configured' : ' is the default of etcd'}.`)
      : undefined,
  ]);
}

function ruledOut({ readings }: Evidence, { sizes }: EtcdSpace): Finding['rulesOut'] {
  const freeBytes = readValue(readings.mounts)?.find(({ mountedOn }) => mountedOn === '/var')?.availableBytes ?? 0;
  const leader = sizes.find(({ isLeader }) => isLeader);
  const disk = { code: 'disk_full', because: `/var has ${gib(freeBytes)} free: the alarm is about etcd's own quota.` };
  return present([
    freeBytes > 0 ? disk : undefined,
    leader && { code: 'etcd_quorum_lost', because: `etcd has a leader, ${quote(leader.node)}.` },
  ]);
}

const DISARM = 'talosctl etcd alarm disarm';

function adviceFor(space: EtcdSpace): string {
  if (space.kind === 'unknown') {
    return 'Compare DB SIZE and IN USE of every control plane (talosctl etcd status): far apart means defragment, close together means raise the quota or delete objects.';
  }
  if (space.kind === 'disarm') return `Somebody defragmented it already: ${DISARM} is all that is left.`;
  if (space.kind === 'full') {
    return `Defragmenting gains nothing. After talosctl etcd snapshot, find out what fills it and delete that, or raise cluster.etcd.extraArgs.quota-backend-bytes (8 GiB at most) on one control plane after the other; etcd takes it over at its next start, then ${DISARM}.`;
  }
  const more =
    space.kind === 'filling' ? ' It will be full again soon: also raise quota-backend-bytes or delete objects.' : '';
  return `After talosctl etcd snapshot, defragment ${orderText(space)} (talosctl etcd defrag blocks the member while it runs), then ${DISARM}.${more}`;
}

/** One at a time, the leader last, so that the cluster keeps a leader that serves. */
function orderText({ sizes }: EtcdSpace): string {
  const followers = sizes.filter(({ isLeader }) => !isLeader).map(({ node }) => quote(node));
  const leader = sizes.find(({ isLeader }) => isLeader)?.node;
  if (followers.length === 0) return 'one member at a time, the leader last';
  return `one member at a time: ${followers.join(', ')}, and last the leader${leader === undefined ? '' : ` ${quote(leader)}`}`;
}
