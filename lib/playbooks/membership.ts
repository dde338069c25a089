import type { EtcdMemberReading, Evidence, MemberReading } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { InventoryEntry } from '../inventory/entry.ts';

/** What the control planes that answered say about the membership of one node. */
export type Membership = {
  /** Names of the control planes that answered about discovery / about etcd. */
  readonly askedDiscovery: readonly string[];
  readonly askedEtcd: readonly string[];
  readonly inDiscovery: 'yes' | 'no' | 'unknown';
  /** Control planes only. `no` is strong: etcd keeps a member until somebody removes it. Discovery forgets after 30 min (talos-api 3.5). */
  readonly inEtcd: 'yes' | 'no' | 'unknown';
};

export function membershipOf({ address, node, peers }: Evidence, inventory: InventoryEntry | undefined): Membership {
  const names = [node, inventory?.hostname, inventory?.etcdName].filter((name) => name !== undefined);
  const addresses = [address, ...(inventory?.addresses ?? [])];
  const discovery = peers.flatMap(({ node: peer, members }) => {
    const value = readValue(members);
    return value === undefined ? [] : [{ peer, lists: value.some((one) => isMember(one, names, addresses)) }];
  });
  const etcd = peers.flatMap(({ node: peer, etcdMembers }) => {
    const value = readValue(etcdMembers);
    return value === undefined ? [] : [{ peer, lists: value.some((one) => isEtcdMember(one, names, addresses)) }];
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

const isMember = (member: MemberReading, names: readonly string[], addresses: readonly string[]): boolean =>
  names.includes(member.hostname) ||
  names.includes(member.id) ||
  member.addresses.some((one) => addresses.includes(one));

const isEtcdMember = (member: EtcdMemberReading, names: readonly string[], addresses: readonly string[]): boolean =>
  names.includes(member.hostname) || hasPeerAddress(member, addresses);

/** Peer URLs are `https://10.0.0.1:2380` or `https://[fd00::1]:2380`. */
export const hasPeerAddress = ({ peerUrls }: EtcdMemberReading, addresses: readonly string[]): boolean =>
  peerUrls.some((url) => addresses.some((address) => url.includes(`//${address}:`) || url.includes(`//[${address}]:`)));
