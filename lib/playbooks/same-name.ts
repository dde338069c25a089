import type { Evidence, PeerEvidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { AffiliateReading, EtcdMemberReading } from '../evidence/values.ts';
import type { Facts } from './finding.ts';
import { hasPeerAddress } from './membership.ts';

/** Two machines under one hostname, and what shows it. */
export type SameName = {
  readonly name: string;
  /** Inventory names of control planes that answer now and call themselves so. */
  readonly live: readonly string[];
  /** The etcd member of that name whose peer URLs are not this node's. */
  readonly member: EtcdMemberReading | undefined;
  /** Entries of discovery of that name, one per node id; they outlive their node by 30 min. */
  readonly announced: readonly AffiliateReading[];
};

/** Exactly the same: a short name and an FQDN of it are two names to etcd, and no mismatch of one machine either. */
const isSame = (a: string, b: string): boolean => a !== '' && a.toLowerCase() === b.toLowerCase();

/** Another machine that goes by the name of this node; undefined: nothing shows one. */
export function sameNameAsThis(evidence: Evidence, facts: Facts): SameName | undefined {
  const { readings, peers } = evidence;
  const name = readValue(readings.hostname)?.hostname || readValue(readings.nodename)?.nodename || '';
  const ownId = readValue(readings.etcdStatus)?.memberId ?? readValue(readings.etcdLocalMember)?.memberId;
  const own = ownAddresses(evidence, facts);
  const live = peers.filter((peer) => namesOf(peer, peers).some((one) => isSame(one, name))).map(({ node }) => node);
  const member = membersOf(peers).find(
    (one) => isSame(one.hostname, name) && one.id !== ownId && one.peerUrls.length > 0 && !hasPeerAddress(one, own),
  );
  const announced = announcedAs(evidence, name);
  if (live.length === 0 && member === undefined && announced.length < 2) return undefined;
  return { name, live, member, announced };
}

/** Two control planes beside this node that go by one name, both answering now and announced under two node ids. */
export function sameNameAmongPeers(evidence: Evidence): SameName | undefined {
  const { peers } = evidence;
  const named = peers.flatMap((peer) => namesOf(peer, peers).map((name) => ({ name, node: peer.node })));
  for (const { name } of named) {
    const live = [...new Set(named.filter((one) => isSame(one.name, name)).map(({ node }) => node))];
    const announced = announcedAs(evidence, name);
    if (live.length > 1 && announced.length > 1) return { name, live, member: undefined, announced };
  }
  return undefined;
}

/** What a control plane calls itself: in Kubernetes, where it publishes its own status only, and in etcd, by its member id. */
function namesOf({ nodeStatuses, etcdStatus }: PeerEvidence, peers: readonly PeerEvidence[]): readonly string[] {
  const [own, ...more] = readValue(nodeStatuses) ?? [];
  const id = readValue(etcdStatus)?.memberId;
  const member = membersOf(peers).find((one) => one.id === id);
  const names = [own !== undefined && more.length === 0 ? own.nodename : '', member?.hostname ?? ''];
  return [...new Set(names.filter((name) => name !== ''))];
}

const membersOf = (peers: readonly PeerEvidence[]): readonly EtcdMemberReading[] =>
  peers.flatMap(({ etcdMembers }) => readValue(etcdMembers) ?? []);

function ownAddresses({ address, readings }: Evidence, { inventory }: Facts): readonly string[] {
  const read = (readValue(readings.addresses) ?? []).map((one) => one.split('/')[0] ?? '');
  return [address, ...(inventory?.addresses ?? []), ...read].filter((one) => one !== '');
}

function announcedAs({ readings, peers }: Evidence, name: string): readonly AffiliateReading[] {
  const all = [readings.affiliates, ...peers.map(({ affiliates }) => affiliates)].flatMap(
    (one) => readValue(one) ?? [],
  );
  const byNode = new Map(all.filter(({ hostname }) => isSame(hostname, name)).map((one) => [one.nodeId, one]));
  return [...byNode.values()];
}
