import type { EtcdMemberReading, EtcdStatusReading } from '../../evidence/values.ts';
import { err, ok } from '../../result.ts';
import { sourceOf } from '../connection.ts';
import { machineService } from '../methods.ts';
import { askOne, malformed, type Reader, short } from './read.ts';

const MAX_ITEMS = 100;
const URLS = 16;

/** Source: MachineService/EtcdMemberList, answered by the etcd of the node itself. Ids are uint64 in decimal. */
export const readEtcdMembers: Reader<readonly EtcdMemberReading[]> = async (connection, context) => {
  const source = sourceOf(machineService.etcdMemberList);
  const message = await askOne(connection, machineService.etcdMemberList, { queryLocal: true }, context);
  if (!message.ok) return message;
  const { members } = message.value;
  if (members.length > MAX_ITEMS) return err(malformed(context.node, source, `${members.length} members`));
  const value = members.map((member) => ({
    id: member.id,
    hostname: short(member.hostname),
    peerUrls: member.peerUrls.slice(0, URLS).map(short),
    clientUrls: member.clientUrls.slice(0, URLS).map(short),
    isLearner: member.isLearner,
  }));
  return ok({ value });
};

/** Source: MachineService/EtcdStatus, of the node's own member. For a reader from Talos 1.9 on. */
export const readEtcdStatus: Reader<EtcdStatusReading> = async (connection, context) => {
  const source = sourceOf(machineService.etcdStatus);
  const message = await askOne(connection, machineService.etcdStatus, {}, context);
  if (!message.ok) return message;
  const { memberStatus: status } = message.value;
  if (status === undefined) return err(malformed(context.node, source, 'no member status'));
  return ok({
    value: {
      memberId: status.memberId,
      leader: status.leader,
      dbBytes: Number(status.dbSize),
      dbInUseBytes: Number(status.dbSizeInUse),
      raftIndex: status.raftIndex,
      raftAppliedIndex: status.raftAppliedIndex,
      raftTerm: status.raftTerm,
      isLearner: status.isLearner,
      errors: status.errors.slice(0, MAX_ITEMS).map(short),
    },
  });
};

/** Source: MachineService/EtcdAlarmList. `alarm`: NONE, NOSPACE, CORRUPT, or unknown. For a reader from 1.9 on. */
export const readEtcdAlarms: Reader<readonly { memberId: string; alarm: string }[]> = async (connection, context) => {
  const message = await askOne(connection, machineService.etcdAlarmList, {}, context);
  if (!message.ok) return message;
  const value = message.value.memberAlarms.slice(0, MAX_ITEMS).map(({ memberId, alarm }) => ({
    memberId,
    alarm: alarm === 'UNRECOGNIZED' ? 'unknown' : alarm,
  }));
  return ok({ value });
};
