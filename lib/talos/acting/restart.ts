import { err, ok } from '../../result.ts';
import { machineChanges } from '../changing-methods.ts';
import type { TalosOperator } from '../orders.ts';
import { only, short } from '../readings/read.ts';
import { isRestartable, rebootRequest } from '../requests.ts';
import type { ClusterAccess } from '../talos.ts';
import { invalidOrder, withSession } from './session.ts';

const REBOOT = 'machine.MachineService/Reboot';
const RESTART = 'machine.MachineService/ServiceRestart';

export const restarts = (access: ClusterAccess): Pick<TalosOperator, 'reboot' | 'restartService'> => ({
  reboot: (target, { mode, deadlineMs }) =>
    withSession(access, target, REBOOT, deadlineMs, async ({ connection, node, rules, context }) => {
      if (!rules.rebootModes.includes(mode)) {
        const text = `Talos ${rules.minor} takes reboot mode ${mode} for default`;
        return err({ code: 'not_supported_by_version', node, source: REBOOT, text, isUnsent: true });
      }
      const reply = await connection.unary(machineChanges.reboot, rebootRequest(mode), context);
      if (!reply.ok) return reply;
      const message = only(reply.value.messages, node, REBOOT);
      return message.ok ? ok({ actorId: message.value.actorId.slice(0, 128) }) : message;
    }),

  async restartService(target, { service, deadlineMs }) {
    if (!isRestartable(service)) {
      return invalidOrder(target.name, RESTART, 'Talos restarts only the kubelet and extension services (ext-...)');
    }
    return withSession(access, target, RESTART, deadlineMs, async ({ connection, node, context }) => {
      const reply = await connection.unary(machineChanges.serviceRestart, { id: service }, context);
      if (!reply.ok) return reply;
      const message = only(reply.value.messages, node, RESTART);
      return message.ok ? ok({ says: short(message.value.resp) }) : message;
    });
  },
});
