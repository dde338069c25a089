import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { EtcdMemberReading } from '../evidence/values.ts';
import { shortName } from '../inventory/host-name.ts';
import { hasPeerAddress } from './membership.ts';

/** Under which name etcd runs, and under which the node does. Source: siderolabs/talos, system/services/etcd.go. */
export type EtcdName = {
  readonly etcd: string;
  readonly node: string;
  readonly member: EtcdMemberReading | undefined;
  /** How the member was found to be this node's: by its id, or only by its peer URL. */
  readonly provenBy: 'member id' | 'peer URL' | 'none';
  /** EtcdSpec: the name as etcd was started; undefined where not read. */
  readonly spec: string | undefined;
  readonly isSame: boolean;
  /** Different spelling of one name: short against FQDN. */
  readonly isFqdnOnly: boolean;
};

/** undefined: one of the two names is not known. Where the spec and the member contradict, nothing is known either. */
export function etcdNameOf(evidence: Evidence): EtcdName | undefined {
  const { readings } = evidence;
  const node = readValue(readings.hostname)?.hostname || readValue(readings.nodename)?.nodename;
  const spec = readValue(readings.etcdSpec)?.name || undefined;
  const { member, provenBy } = ownMember(evidence);
  const name = member?.hostname || undefined;
  const etcd = name ?? spec;
  if (!node || etcd === undefined) return undefined;
  if (name !== undefined && spec !== undefined && shortName(name) !== shortName(spec)) return undefined;
  const isSame = shortName(etcd) === shortName(node);
  return { etcd, node, member, provenBy, spec, isSame, isFqdnOnly: isSame && etcd !== node };
}

/** In the node's own list, else in that of a peer: all see the same members. */
function ownMember({ readings, address, peers }: Evidence): Pick<EtcdName, 'member' | 'provenBy'> {
  const lists = [readings.etcdMembers, ...peers.map(({ etcdMembers }) => etcdMembers)];
  const members = lists.map(readValue).find((list) => list !== undefined && list.length > 0) ?? [];
  const id = readValue(readings.etcdStatus)?.memberId ?? readValue(readings.etcdLocalMember)?.memberId;
  const byId = members.find((member) => member.id === id);
  if (byId !== undefined) return { member: byId, provenBy: 'member id' };
  const byUrl = id === undefined ? members.find((member) => hasPeerAddress(member, [address])) : undefined;
  return byUrl === undefined ? { member: undefined, provenBy: 'none' } : { member: byUrl, provenBy: 'peer URL' };
}
