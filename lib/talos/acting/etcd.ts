import { ok } from '../../result.ts';
import { machineChanges } from '../changing-methods.ts';
import type { TalosAdmin, TalosOperator } from '../orders.ts';
import { askOne, short } from '../readings/read.ts';
import { isMemberId } from '../requests.ts';
import type { ClusterAccess } from '../talos.ts';
import { acknowledged, invalidOrder, withSession } from './session.ts';

const DEFRAGMENT = 'machine.MachineService/EtcdDefragment';
const DISARM = 'machine.MachineService/EtcdAlarmDisarm';
const FORFEIT = 'machine.MachineService/EtcdForfeitLeadership';
const REMOVE = 'machine.MachineService/EtcdRemoveMemberByID';

/** What an operator may do to the member of the contacted control plane. */
export const etcdUpkeep = (access: ClusterAccess): Pick<TalosOperator, 'etcdDefragment' | 'etcdDisarmAlarms'> => ({
  etcdDefragment: (target, { deadlineMs }) =>
    withSession(access, target, DEFRAGMENT, deadlineMs, async ({ connection, context }) =>
      acknowledged(await askOne(connection, machineChanges.etcdDefragment, {}, context)),
    ),

  etcdDisarmAlarms: (target, { deadlineMs }) =>
    withSession(access, target, DISARM, deadlineMs, async ({ connection, context }) =>
      acknowledged(await askOne(connection, machineChanges.etcdAlarmDisarm, {}, context)),
    ),
});

/** What changes the membership. `etcdRemoveMember` goes to a member that stays. */
export const etcdMembership = (
  access: ClusterAccess,
): Pick<TalosAdmin, 'etcdForfeitLeadership' | 'etcdRemoveMember'> => ({
  etcdForfeitLeadership: (target, { deadlineMs }) =>
    withSession(access, target, FORFEIT, deadlineMs, async ({ connection, context }) => {
      const message = await askOne(connection, machineChanges.etcdForfeitLeadership, {}, context);
      return message.ok ? ok({ newLeader: short(message.value.member) }) : message;
    }),

  async etcdRemoveMember(target, { memberId, deadlineMs }) {
    if (!isMemberId(memberId)) return invalidOrder(target.name, REMOVE, 'a member id is a decimal uint64, and not 0');
    return withSession(access, target, REMOVE, deadlineMs, async ({ connection, context }) =>
      acknowledged(await askOne(connection, machineChanges.etcdRemoveMemberById, { memberId }, context)),
    );
  },
});
