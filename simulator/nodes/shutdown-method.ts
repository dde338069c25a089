import { ShutdownRequest, ShutdownResponse } from '../../lib/talos/generated/machine/machine.ts';
import { method } from '../../lib/talos/method.ts';

/** Medic switches no machine off and has no such call; a simulated node is asked for it by other Talos clients. */
export const shutdownMethods = {
  shutdown: method('/machine.MachineService/Shutdown', ShutdownRequest, ShutdownResponse),
} as const;
