import type { Evidence, PeerEvidence } from '../evidence/evidence.ts';
import { type Reading, readValue } from '../evidence/reading.ts';
import type { AffiliateReading } from '../evidence/values.ts';
import type { InventoryEntry } from '../inventory/entry.ts';
import { list } from './cite.ts';
import { isEtcdMember, isMember, type Who, whoIs } from './membership.ts';

/** What control planes are asked about a node that is silent from here. */
export type VoteTopic = 'reachable' | 'etcd_member' | 'etcd_serves' | 'discovered' | 'announced' | 'node_ready';

/** Names of control planes by what they said; `mute` did not or could not say it. */
export type Vote = {
  readonly topic: VoteTopic;
  readonly yes: readonly string[];
  readonly no: readonly string[];
  readonly mute: readonly string[];
  /** At least two agree and outnumber the others, or the only control plane there is says it. */
  readonly verdict: 'yes' | 'no' | 'split' | 'unknown';
};

const NEEDED = 2;

/** Every topic, as all other control planes of the cluster see it. */
export function votesOf(evidence: Evidence, inventory: InventoryEntry | undefined): readonly Vote[] {
  const who = whoIs(evidence, inventory);
  const isWorker = inventory?.role === 'worker';
  const topics: readonly [VoteTopic, (peer: PeerEvidence) => boolean | undefined][] = [
    ['reachable', isReachable],
    ['etcd_member', (peer) => (isWorker ? undefined : isListed(peer.etcdMembers, isEtcdMember(who)))],
    ['etcd_serves', doesEtcdServe],
    ['discovered', (peer) => isListed(peer.members, isMember(who))],
    ['announced', (peer) => isListed(peer.affiliates, isAffiliate(who))],
    [
      'node_ready',
      (peer) => readValue(peer.nodeStatuses)?.find(({ nodename }) => who.names.includes(nodename))?.nodeReady,
    ],
  ];
  return topics.map(([topic, ask]) => count(topic, evidence.peers, ask));
}

function count(
  topic: VoteTopic,
  peers: readonly PeerEvidence[],
  ask: (peer: PeerEvidence) => boolean | undefined,
): Vote {
  const answers = peers.map((peer) => ({ name: peer.node, says: ask(peer) }));
  const namesOf = (wanted: boolean | undefined) =>
    answers.filter(({ says }) => says === wanted).map(({ name }) => name);
  const [yes, no, mute] = [namesOf(true), namesOf(false), namesOf(undefined)];
  return { topic, yes, no, mute, verdict: verdictOf(yes.length, no.length, Math.min(NEEDED, peers.length)) };
}

function verdictOf(yes: number, no: number, needed: number): Vote['verdict'] {
  if (needed === 0 || yes + no === 0) return 'unknown';
  if (yes >= needed && yes > no) return 'yes';
  if (no >= needed && no > yes) return 'no';
  return yes > 0 && no > 0 ? 'split' : 'unknown';
}

function isListed<T>(reading: Reading<readonly T[]> | undefined, is: (item: T) => boolean): boolean | undefined {
  return readValue(reading)?.some(is);
}

export const isAffiliate =
  (who: Who) =>
  ({ hostname, nodename, addresses }: AffiliateReading): boolean =>
    who.names.includes(hostname) ||
    who.names.includes(nodename) ||
    addresses.some((one) => who.addresses.includes(one));

/** Whether the proxy of a control plane, which answers itself, gets a connection to the node. */
function isReachable(peer: PeerEvidence): boolean | undefined {
  const { proxyDial } = peer;
  if (proxyDial === undefined || !doesAnswer(peer)) return undefined;
  if (proxyDial.ok || ANSWERED.has(proxyDial.error.code)) return true;
  return SILENT.has(proxyDial.error.code) ? false : undefined;
}
/** Somebody stands there, only not as the cluster knows them: maintenance mode, wrong clocks. */
const ANSWERED: ReadonlySet<string> = new Set(['unknown_authority', 'server_certificate_expired', 'wrong_server_name']);
const SILENT: ReadonlySet<string> = new Set([
  'connection_refused',
  'connection_timeout',
  'no_route',
  'deadline_exceeded',
  'unreachable',
]);

export const doesAnswer = ({ machineStatus, members, etcdMembers }: PeerEvidence): boolean =>
  machineStatus.ok || members.ok || etcdMembers.ok;

function doesEtcdServe({ etcdStatus }: PeerEvidence): boolean | undefined {
  const status = readValue(etcdStatus);
  return status === undefined ? undefined : status.leader !== '0' && status.errors.length === 0;
}

const SENTENCES: Readonly<Record<VoteTopic, readonly [yes: string, no: string]>> = {
  reachable: ['others reach it', 'others do not reach it either'],
  etcd_member: ['it is an etcd member', 'it is no etcd member'],
  etcd_serves: ['etcd has a leader and no errors', 'etcd has no leader, or errors'],
  discovered: ['discovery lists it', 'discovery does not list it'],
  announced: ['it has announced itself', 'it has not announced itself'],
  node_ready: ['Kubernetes calls it Ready', 'Kubernetes calls it not Ready'],
};

/** `They say: it is an etcd member (cp-1 and cp-2; cp-3 says no).`; undefined where nobody said anything. */
export function describeVote({ topic, yes, no, verdict }: Vote): string | undefined {
  const [yesText, noText] = SENTENCES[topic];
  const say = (text: string, names: readonly string[]) =>
    `${text} (${list(names)} ${names.length === 1 ? 'says' : 'say'} so)`;
  if (verdict === 'unknown' && yes.length + no.length === 0) return undefined;
  if (verdict === 'unknown') return `Only one says: ${yes.length > 0 ? say(yesText, yes) : say(noText, no)}.`;
  if (verdict === 'split') return `They disagree: ${say(yesText, yes)}; ${say(noText, no)}.`;
  const [text, names, others] = verdict === 'yes' ? [yesText, yes, no] : [noText, no, yes];
  const dissent = others.length === 0 ? '' : `, but not ${list(others)}`;
  return `Its peers: ${text} (${list(names)}${dissent}).`;
}
