import { ok } from '../../result.ts';
import { machineChanges } from '../changing-methods.ts';
import type { TalosAdmin } from '../orders.ts';
import { only } from '../readings/read.ts';
import { checkedReset, resetRequest } from '../requests.ts';
import type { ClusterAccess } from '../talos.ts';
import { invalidOrder, withSession } from './session.ts';

const RESET = 'machine.MachineService/Reset';

export const resets = (access: ClusterAccess): Pick<TalosAdmin, 'reset'> => ({
  async reset(target, { deadlineMs, ...order }) {
    const request = checkedReset(resetRequest(order));
    if (!request.ok) return invalidOrder(target.name, RESET, request.error);
    return withSession(access, target, RESET, deadlineMs, async ({ connection, node, context }) => {
      const reply = await connection.unary(machineChanges.reset, request.value, context);
      if (!reply.ok) return reply;
      const message = only(reply.value.messages, node, RESET);
      return message.ok ? ok({ actorId: message.value.actorId.slice(0, 128) }) : message;
    });
  },
});
