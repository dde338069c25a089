import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { EtcdMemberReading, MemberReading } from '../evidence/values.ts';
import type { InventoryEntry } from '../inventory/entry.ts';

/** What the control planes that answered say about the membership of one node. */
export type Membership = {
  /** Names of the control planes that answered about discovery / about etcd. */
  readonly askedDiscovery: readonly string[];
  readonly askedEtcd: readonly string[];
  readonly inDiscovery: 'yes' | 'no' | 'unknown';
  /** Control planes only. `no` is strong: etcd keeps a member until somebody removes it. Discovery forgets after 30 min. */
  readonly inEtcd: 'yes' | 'no' | 'unknown';
};

export type Who = { readonly names: readonly string[]; readonly addresses: readonly string[] };
/** All names and addresses under which others may know the node. */
export const whoIs = ({ node, address }: Evidence, inventory: InventoryEntry | undefined): Who => ({
  names: [node, inventory?.hostname, inventory?.etcdName].filter((name) => name !== undefined),
  addresses: [address, ...(inventory?.addresses ?? [])],
});

export function membershipOf(evidence: Evidence, inventory: InventoryEntry | undefined): Membership {
  const who = whoIs(evidence, inventory);
  const discovery = evidence.peers.flatMap(({ node: peer, members }) => {
    const value = readValue(members);
    return value === undefined ? [] : [{ peer, lists: value.some(isMember(who)) }];
  });
  const etcd = evidence.peers.flatMap(({ node: peer, etcdMembers }) => {
    const value = readValue(etcdMembers);
    return value === undefined ? [] : [{ peer, lists: value.some(isEtcdMember(who)) }];
  });
  return {
    askedDiscovery: discovery.map(({ peer }) => peer),
    askedEtcd: etcd.map(({ peer }) => peer),
    inDiscovery: vote(discovery),
    inEtcd: inventory?.role === 'controlplane' ? vote(etcd) : 'unknown',
  };
}

/** One that still lists it is enough for `yes`: gone is only what nobody lists. */
function vote(answers: readonly { readonly lists: boolean }[]): 'yes' | 'no' | 'unknown' {
  if (answers.length === 0) return 'unknown';
  return answers.some(({ lists }) => lists) ? 'yes' : 'no';
}

export const isMember =
  ({ names, addresses }: Who) =>
  (member: MemberReading): boolean =>
    names.includes(member.hostname) ||
    names.includes(member.id) ||
    member.addresses.some((one) => addresses.includes(one));

export const isEtcdMember =
  ({ names, addresses }: Who) =>
  (member: EtcdMemberReading): boolean =>
    names.includes(member.hostname) || hasPeerAddress(member, addresses);

/** Peer URLs are `https://10.0.0.1:2380` or `https://[fd00::1]:2380`. */
export const hasPeerAddress = ({ peerUrls }: EtcdMemberReading, addresses: readonly string[]): boolean =>
  peerUrls.some((url) => addresses.some((address) => url.includes(`//${address}:`) || url.includes(`//[${address}]:`)));
