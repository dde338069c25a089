import type { EtcdMemberReading, Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';

/** What the control planes of a cluster say about etcd, seen from one evidence. */
export type EtcdView = {
  readonly voters: readonly EtcdMemberReading[];
  readonly learners: readonly EtcdMemberReading[];
  /** Voters that answered, follow a leader and report no error; ids. */
  readonly healthy: ReadonlySet<string>;
  /** How many members gave a list; they must all give the same one. */
  readonly witnesses: number;
  readonly agree: boolean;
};

export const quorumOf = (voters: number): number => Math.floor(voters / 2) + 1;

/** undefined: nobody who answered knows of etcd members. Learners do not vote. */
export function etcdView(evidence: Evidence): EtcdView | undefined {
  const own = { members: readValue(evidence.readings.etcdMembers), status: readValue(evidence.readings.etcdStatus) };
  const others = evidence.peers.map((peer) => {
    return { members: readValue(peer.etcdMembers), status: readValue(peer.etcdStatus) };
  });
  const all = [own, ...others];
  const lists = all.flatMap(({ members }) => (members ? [members] : []));
  const first = lists[0];
  if (first === undefined) return undefined;
  const shape = (list: readonly EtcdMemberReading[]) =>
    list
      .map(({ id, isLearner }) => `${id}:${isLearner}`)
      .toSorted()
      .join();
  const statuses = all.flatMap(({ status }) => (status ? [status] : []));
  const leaders = new Set(statuses.map((status) => status.leader));
  const healthy = statuses.filter(({ leader, errors }) => leader !== '0' && errors.length === 0);
  return {
    voters: first.filter((member) => !member.isLearner),
    learners: first.filter((member) => member.isLearner),
    healthy: new Set(healthy.map(({ memberId }) => memberId)),
    witnesses: lists.length,
    agree: lists.every((list) => shape(list) === shape(first)) && leaders.size === 1,
  };
}
