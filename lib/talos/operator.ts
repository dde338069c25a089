import { err, ok } from '../result.ts';
import { machineChanges } from './changing-methods.ts';
import { openConnection, sourceOf } from './connection.ts';
import { mayDial } from './dial-rules.ts';
import { verified } from './node-policy.ts';
import { only } from './readings/read.ts';
import type { ClusterAccess, TalosOperator } from './talos.ts';

const MODES = { default: 'DEFAULT', powercycle: 'POWERCYCLE' } as const;

/** Restarts with the `os:operator` identity. One channel per action, so nothing is ever sent again behind our back. */
export const createOperator = (access: ClusterAccess): TalosOperator => ({
  async reboot({ name, address }, { mode, deadlineMs }) {
    const source = sourceOf(machineChanges.reboot);
    const { operator } = access;
    if (operator === undefined) {
      return err({ code: 'permission_denied', node: name, source, text: 'no operator identity is configured' });
    }
    const allowed = mayDial(address, access);
    if (!allowed.ok) return err({ code: 'address_not_allowed', node: name, source, text: allowed.error });
    const connection = openConnection({ node: name, tls: verified(access, address, operator) });
    try {
      const context = { timeoutMs: deadlineMs, signal: new AbortController().signal };
      const reply = await connection.unary(machineChanges.reboot, { mode: MODES[mode] }, context);
      if (!reply.ok) return reply;
      const message = only(reply.value.messages, name, source);
      return message.ok ? ok({ actorId: message.value.actorId.slice(0, 128) }) : message;
    } finally {
      connection.close();
    }
  },
});
