import { ok } from '../../result.ts';
import { machineChanges } from '../changing-methods.ts';
import type { TalosAdmin, TalosOperator } from '../orders.ts';
import { only, short } from '../readings/read.ts';
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
    withSession(access, target, DEFRAGMENT, deadlineMs, async ({ connection, node, context }) =>
      acknowledged(await connection.unary(machineChanges.etcdDefragment, {}, context), node, DEFRAGMENT),
    ),

  etcdDisarmAlarms: (target, { deadlineMs }) =>
    withSession(access, target, DISARM, deadlineMs, async ({ connection, node, context }) =>
      acknowledged(await connection.unary(machineChanges.etcdAlarmDisarm, {}, context), node, DISARM),
    ),
});

/** What changes the membership. `etcdRemoveMember` goes to a member that stays. */
export const etcdMembership = (
  access: ClusterAccess,
): Pick<TalosAdmin, 'etcdForfeitLeadership' | 'etcdRemoveMember'> => ({
  etcdForfeitLeadership: (target, { deadlineMs }) =>
    withSession(access, target, FORFEIT, deadlineMs, async ({ connection, node, context }) => {
      const reply = await connection.unary(machineChanges.etcdForfeitLeadership, {}, context);
      if (!reply.ok) return reply;
      const message = only(reply.value.messages, node, FORFEIT);
      return message.ok ? ok({ newLeader: short(message.value.member) }) : message;
    }),

  async etcdRemoveMember(target, { memberId, deadlineMs }) {
    if (!isMemberId(memberId)) return invalidOrder(target.name, REMOVE, 'a member id is a decimal uint64, and not 0');
    return withSession(access, target, REMOVE, deadlineMs, async ({ connection, node, context }) =>
      acknowledged(await connection.unary(machineChanges.etcdRemoveMemberById, { memberId }, context), node, REMOVE),
    );
  },
});
