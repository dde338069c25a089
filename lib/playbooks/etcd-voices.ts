import type { Evidence } from '../evidence/evidence.ts';
import { type Reading, readValue } from '../evidence/reading.ts';
import type { EtcdMemberReading, EtcdStatusReading } from '../evidence/values.ts';
import type { Facts } from './finding.ts';
import { isControlPlane } from './role.ts';

/** What the etcd of one control plane says, in this sweep. */
export type EtcdVoice = {
  /** Inventory name. */
  readonly node: string;
  readonly isSelf: boolean;
  readonly status: EtcdStatusReading | undefined;
  /** A list can be had only where there is a quorum. */
  readonly members: readonly EtcdMemberReading[] | undefined;
  /** Why there is no status, as a code. */
  readonly error: string | undefined;
  /** It says a leader, or gave a list. */
  readonly hasLeader: boolean;
};

/** The node itself, where it is a control plane, and all others of the cluster. */
export function etcdVoices(evidence: Evidence, facts: Facts): readonly EtcdVoice[] {
  const { readings, node, peers } = evidence;
  const others = peers.map((peer) => voice(peer.node, false, peer.etcdStatus, peer.etcdMembers));
  if (!isControlPlane(evidence, facts)) return others;
  return [voice(facts.inventory?.name ?? node, true, readings.etcdStatus, readings.etcdMembers), ...others];
}

function voice(
  node: string,
  isSelf: boolean,
  status: Reading<EtcdStatusReading> | undefined,
  members: Reading<readonly EtcdMemberReading[]> | undefined,
): EtcdVoice {
  const said = readValue(status);
  const listed = readValue(members);
  const hasLeader = (said !== undefined && said.leader !== '0') || (listed !== undefined && listed.length > 0);
  const error = status?.ok === false ? status.error.code : undefined;
  return { node, isSelf, status: said, members: listed, error, hasLeader };
}

/** The member list of whoever has one, the node itself first: all that have a quorum see the same. */
export const listedMembers = (voices: readonly EtcdVoice[]): readonly EtcdMemberReading[] | undefined =>
  voices.find(({ members }) => members !== undefined && members.length > 0)?.members;

/** How many voters have to agree. Source: etcd, FAQ "Why an odd number of cluster members?". */
export const quorumOf = (voters: number): number => Math.floor(voters / 2) + 1;
