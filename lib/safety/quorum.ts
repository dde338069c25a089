import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { EtcdMemberReading } from '../evidence/values.ts';

/** What the control planes of a cluster say about etcd, seen from one evidence. */
export type EtcdView = {
  readonly voters: readonly EtcdMemberReading[];
  readonly learners: readonly EtcdMemberReading[];
  /** Voters that follow a leader and report no error, or that Talos counts as healthy; ids. */
  readonly healthy: ReadonlySet<string>;
  /** How many members gave a list; they must all give the same one. */
  readonly witnesses: number;
  readonly agree: boolean;
};

export const quorumOf = (voters: number): number => Math.floor(voters / 2) + 1;

/** undefined: nobody who answered knows of etcd members. Learners do not vote. */
export function etcdView(evidence: Evidence): EtcdView | undefined {
  const { readings, node, peers } = evidence;
  const own = { ...readings, node };
  const all = [own, ...peers].map(({ node: name, etcdMembers, etcdStatus, machineStatus }) => ({
    name,
    members: readValue(etcdMembers),
    status: readValue(etcdStatus),
    machine: readValue(machineStatus),
  }));
  const lists = all.flatMap(({ members }) => (members ? [members] : []));
  const first = lists[0];
  if (first === undefined) return undefined;
  const statuses = all.flatMap(({ status }) => (status ? [status] : []));
  const healthy = statuses.filter(({ leader, errors }) => leader !== '0' && errors.length === 0);
  // Talos 1.8 shows readers no EtcdStatus; there a control plane is ready only while its etcd is healthy
  // (siderolabs/talos, controllers/runtime/machine_status.go)
  const ready = all
    .filter(({ status, machine }) => status === undefined && machine?.stage === 'running' && machine.ready)
    .flatMap(({ name }) => first.find(({ hostname }) => hostname === name || hostname.startsWith(`${name}.`)) ?? []);
  return {
    voters: first.filter((member) => !member.isLearner),
    learners: first.filter((member) => member.isLearner),
    healthy: new Set([...healthy.map(({ memberId }) => memberId), ...ready.map(({ id }) => id)]),
    witnesses: lists.length,
    agree:
      lists.every((list) => shape(list) === shape(first)) && new Set(statuses.map(({ leader }) => leader)).size <= 1,
  };
}

const shape = (list: readonly EtcdMemberReading[]) =>
  list
    .map(({ id, isLearner }) => `${id}:${isLearner}`)
    .toSorted()
    .join();
