import { activeConfigOf } from './active-config.ts';
import type { Order, ResetOrder } from './orders.ts';
import { roleOf } from './physical.ts';
import type { NodeState } from './state.ts';
import { minorOf } from './version.ts';

export type Phase = { readonly name: string; readonly task: string; readonly takesMs: number };

const PHASE_MS = 450;
const phase = (name: string, task: string, takesMs = PHASE_MS): Phase => ({ name, task, takesMs });
const when = (is: boolean, ...phases: readonly Phase[]): readonly Phase[] => (is ? phases : []);

/** Ends every sequence that takes the machine down in order. Source: v1alpha1_sequencer.go, stopAllPhaselist. */
function stopAll(minor: number, kexec: boolean): readonly Phase[] {
  const stopEverything = phase('stopEverything', 'stopAllServices');
  const kexecPrepare = when(kexec, phase('kexec', 'kexecPrepare'));
  return [
    ...when(minor >= 14, phase('denyNewServices', 'denyNewServices')),
    phase('stopServices', 'stopServicesForUpgrade'),
    ...when(minor <= 9, phase('unmountUser', 'unmountUserDisks')),
    phase('umount', 'unmountPodMounts'),
    phase('unmountBind', 'unmountSystemDiskBindMounts'),
    ...when(minor >= 14, phase('unmountPromotable', 'unmountPromotableSystemPartitions')),
    phase('unmountSystem', 'unmountEphemeralPartition'),
    phase('volumeFinalize', 'teardownLifecycle'),
    ...(minor >= 14 ? [stopEverything, ...kexecPrepare] : [...kexecPrepare, stopEverything]),
  ];
}

const CLEANUP = [phase('cleanup', 'stopAllPods'), phase('dbus', 'stopDBus')];
const DRAIN = phase('drain', 'cordonAndDrainNode', 5_000);
const REBOOT = phase('reboot', 'reboot', 300);
const SHUTDOWN = phase('shutdown', 'shutdown', 300);

/** A kubelet that does not register its node has nothing to drain. */
const drain = (node: NodeState): readonly Phase[] => when(activeConfigOf(node)?.skipsNodeRegistration !== true, DRAIN);

function resetPhases(node: NodeState, minor: number, order: ResetOrder): readonly Phase[] {
  const { graceful, reboot, system, userDisks } = order;
  const isWhole = system === 'disk' || system === 'nothing';
  return [
    ...when(graceful, ...drain(node), phase('cleanup', 'removeAllPods')),
    ...when(!graceful, phase('cleanup', 'stopAllPods')),
    phase('dbus', 'stopDBus'),
    ...when(graceful && roleOf(node.name) === 'controlplane', phase('leave', 'leaveEtcd', 2_000)),
    phase('preReset', 'sendResetSignal'),
    ...stopAll(minor, typeof system === 'object'),
    phase('forceCleanup', 'forceCleanup'),
    ...when(isWhole, phase('reset', 'resetSystemDisk', 2_000)),
    ...when(typeof system === 'object', phase('resetSpec', 'resetSystemDiskSpec', 2_000)),
    ...when(userDisks.length > 0, phase('resetUserDisks', 'resetUserDisks', 2_000)),
    reboot ? REBOOT : SHUTDOWN,
  ];
}

/** Source: v1alpha1_sequencer.go of each minor; phases with two tasks show the first one here. */
export function phasesOf(node: NodeState, order: Order): readonly Phase[] {
  const minor = minorOf(node.physical.version);
  switch (order.sequence) {
    case 'reboot': {
      const isForced = order.mode === 'FORCE' && minor >= 12;
      return isForced ? [REBOOT] : [...CLEANUP, ...stopAll(minor, true), REBOOT];
    }
    case 'reset':
      return resetPhases(node, minor, order);
    case 'shutdown':
      return [
        // Talos' own spelling
        phase(minor <= 9 ? 'storeShudown' : 'storeShutdown', 'storeShutdownEmergency'),
        ...when(!order.force, ...drain(node)),
        ...CLEANUP,
        ...stopAll(minor, false),
        SHUTDOWN,
      ];
    case 'stageUpgrade':
      return [...CLEANUP, ...stopAll(minor, order.kexec), REBOOT];
    case 'upgrade':
      return [
        ...when(minor >= 14, phase('denyNewServices', 'denyNewServices')),
        ...drain(node),
        ...CLEANUP,
        phase('stopServices', 'stopServicesForUpgrade'),
        ...when(minor <= 9, phase('unmountUser', 'unmountUserDisks')),
        phase('unmount', 'unmountPodMounts'),
        phase('unmountBind', 'unmountSystemDiskBindMounts'),
        ...when(minor >= 14, phase('unmountPromotable', 'unmountPromotableSystemPartitions')),
        phase('unmountSystem', 'unmountEphemeralPartition'),
        phase('volumeFinalize', 'teardownLifecycle'),
        phase('upgrade', 'upgrade', 15_000),
        phase('meta', 'reloadMeta'),
        ...when(order.kexec, phase('kexec', 'kexecPrepare')),
        phase('stopEverything', 'stopAllServices'),
        REBOOT,
      ];
  }
}
