import { err, ok } from '../../result.ts';
import { machineChanges } from '../changing-methods.ts';
import type { TalosOperator } from '../orders.ts';
import { askOne, short } from '../readings/read.ts';
import { isRestartable, rebootRequest } from '../requests.ts';
import type { ClusterAccess } from '../talos.ts';
import { invalidOrder, started, withSession } from './session.ts';

const REBOOT = 'machine.MachineService/Reboot';
const RESTART = 'machine.MachineService/ServiceRestart';

export const restarts = (access: ClusterAccess): Pick<TalosOperator, 'reboot' | 'restartService'> => ({
  reboot: (target, { mode, deadlineMs }) =>
    withSession(access, target, REBOOT, deadlineMs, async ({ connection, rules, context }) => {
      if (!rules.rebootModes.includes(mode)) {
        const text = `Talos ${rules.minor} takes reboot mode ${mode} for default`;
        return err({ code: 'not_supported_by_version', node: context.node, source: REBOOT, text, isUnsent: true });
      }
      return started(await askOne(connection, machineChanges.reboot, rebootRequest(mode), context));
    }),

  async restartService(target, { service, deadlineMs }) {
    if (!isRestartable(service)) {
      return invalidOrder(target.name, RESTART, 'Talos restarts only the kubelet and extension services (ext-...)');
    }
    return withSession(access, target, RESTART, deadlineMs, async ({ connection, context }) => {
      const message = await askOne(connection, machineChanges.serviceRestart, { id: service }, context);
      return message.ok ? ok({ says: short(message.value.resp) }) : message;
    });
  },
});
