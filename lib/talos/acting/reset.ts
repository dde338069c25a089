import { machineChanges } from '../changing-methods.ts';
import type { TalosAdmin } from '../orders.ts';
import { askOne } from '../readings/read.ts';
import { checkedReset, resetRequest } from '../requests.ts';
import type { ClusterAccess } from '../talos.ts';
import { invalidOrder, started, withSession } from './session.ts';

const RESET = 'machine.MachineService/Reset';

export const resets = (access: ClusterAccess): Pick<TalosAdmin, 'reset'> => ({
  async reset(target, { deadlineMs, ...order }) {
    const request = checkedReset(resetRequest(order));
    if (!request.ok) return invalidOrder(target.name, RESET, request.error);
    return withSession(access, target, RESET, deadlineMs, async ({ connection, context }) =>
      started(await askOne(connection, machineChanges.reset, request.value, context)),
    );
  },
});
