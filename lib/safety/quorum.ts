import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { EtcdMemberReading } from '../evidence/values.ts';

/** What the control planes of a cluster say about etcd, seen from one evidence. */
export type EtcdView = {
  readonly voters: readonly EtcdMemberReading[];
  readonly learners: readonly EtcdMemberReading[];
  /** Voters that follow a leader and report no error, or that Talos counts as healthy; ids. */
  readonly healthy: ReadonlySet<string>;
  /** The same with those whose only errors are alarms: etcd out of space still votes; ids. */
  readonly voting: ReadonlySet<string>;
  /** How many members gave a list; they must all give the same one. */
  readonly witnesses: number;
  readonly agree: boolean;
};

export const quorumOf = (voters: number): number => Math.floor(voters / 2) + 1;

/** As etcd writes alarms into the errors of every member: `memberID:10170646751219205085 alarm:NOSPACE `. */
const ALARM = /^\s*memberID:\d{1,20}\s+alarm:[A-Z]{1,20}\s*$/;

/** undefined: nobody who answered knows of etcd members. Learners do not vote. */
export function etcdView(evidence: Evidence): EtcdView | undefined {
  const { readings, node, peers } = evidence;
  const own = { ...readings, node };
  const all = [own, ...peers].map(({ node: name, etcdMembers, etcdStatus, machineStatus }) => ({
    name,
    members: readValue(etcdMembers),
    status: readValue(etcdStatus),
    mayNotAsk: etcdStatus?.ok === false && etcdStatus.error.code === 'permission_denied',
    machine: readValue(machineStatus),
  }));
  const lists = all.flatMap(({ members }) => (members ? [members] : []));
  const first = lists[0];
  if (first === undefined) return undefined;
  const statuses = all.flatMap(({ status }) => (status ? [status] : []));
  const led = statuses.filter(({ leader }) => leader !== '0');
  // Talos 1.8 shows readers no EtcdStatus; there a control plane is ready only while its etcd is healthy
  // (siderolabs/talos, controllers/runtime/machine_status.go)
  const ready = all
    .filter(({ mayNotAsk, machine }) => mayNotAsk && machine?.stage === 'running' && machine.ready)
    .flatMap(({ name }) => first.find(({ hostname }) => hostname === name || hostname.startsWith(`${name}.`)) ?? [])
    .map(({ id }) => id);
  const idsOf = (isFine: (error: string) => boolean) =>
    new Set([...led.filter(({ errors }) => errors.every(isFine)).map(({ memberId }) => memberId), ...ready]);
  return {
    voters: first.filter((member) => !member.isLearner),
    learners: first.filter((member) => member.isLearner),
    healthy: idsOf(() => false),
    voting: idsOf((error) => ALARM.test(error)),
    witnesses: lists.length,
    agree: lists.every((list) => shape(list) === shape(first)) && new Set(led.map(({ leader }) => leader)).size <= 1,
  };
}

const shape = (list: readonly EtcdMemberReading[]) =>
  list
    .map(({ id, isLearner }) => `${id}:${isLearner}`)
    .toSorted()
    .join();
