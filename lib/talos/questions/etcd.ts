import { readEtcdAlarms, readEtcdMembers, readEtcdStatus } from '../readings/etcd.ts';
import * as cluster from '../resources/cluster.ts';
import { call, controlPlanes, one, type Question } from './question.ts';

/** The etcd member of a control plane. */
export const etcd: readonly Question[] = [
  {
    asks: 'Under which name did its etcd start?',
    ...controlPlanes,
    ...one(cluster.etcdSpec, cluster.ETCD_SPEC_ID, (etcdSpec) => ({ etcdSpec })),
  },
  {
    asks: 'Which etcd member is it?',
    ...controlPlanes,
    ...one(cluster.etcdLocalMember, cluster.ETCD_LOCAL_MEMBER_ID, (etcdLocalMember) => ({ etcdLocalMember })),
  },
  {
    asks: 'Who is in the etcd cluster?',
    ...controlPlanes,
    ...call('machine.MachineService/EtcdMemberList', readEtcdMembers, (etcdMembers) => ({ etcdMembers })),
  },
  {
    asks: 'Is its etcd member healthy, and who leads?',
    ...controlPlanes,
    ...call('machine.MachineService/EtcdStatus', readEtcdStatus, (etcdStatus) => ({ etcdStatus })),
  },
  {
    asks: 'Which alarms does etcd raise?',
    ...controlPlanes,
    ...call('machine.MachineService/EtcdAlarmList', readEtcdAlarms, (etcdAlarms) => ({ etcdAlarms })),
  },
];
