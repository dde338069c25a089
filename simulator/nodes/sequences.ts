import type { Installer } from './boot-entry.ts';
import { roleOf } from './physical.ts';
import { sequence } from './record.ts';
import type { NodeState, Stage } from './state.ts';
import { minorOf } from './version.ts';

export type Partition = 'META' | 'STATE' | 'EPHEMERAL';
/** What somebody asked a machine to go through. Data, so that it survives the simulator. */
export type Run = { readonly actorId: string } & (
  | { readonly sequence: 'reboot' }
  | {
      readonly sequence: 'reset';
      readonly wipe: readonly Partition[] | 'disk';
      readonly graceful: boolean;
      readonly powersOff: boolean;
    }
  | { readonly sequence: 'upgrade'; readonly installer: Installer; readonly isStaged: boolean }
);
export type SequenceName = Run['sequence'];
export type Phase = { readonly name: string; readonly task: string };

export const STAGE_OF: Readonly<Record<SequenceName, Stage>> = {
  reboot: 'rebooting',
  reset: 'resetting',
  upgrade: 'upgrading',
};

const DRAIN = { name: 'drain', task: 'cordonAndDrainNode' };
const CLEANUP = { name: 'cleanup', task: 'stopAllPods' };
const DBUS = { name: 'dbus', task: 'stopDBus' };
const STOP_SERVICES = { name: 'stopServices', task: 'stopServicesEphemeral' };
const UMOUNT = { name: 'umount', task: 'unmountPodMounts' };
const UNMOUNT_SYSTEM = { name: 'unmountSystem', task: 'unmountEphemeralPartition' };
const STOP_EVERYTHING = { name: 'stopEverything', task: 'stopAllServices' };
const REBOOT = { name: 'reboot', task: 'reboot' };

/** Source: internal/app/machined/pkg/runtime/v1alpha1/v1alpha1_sequencer.go, the phases that somebody would notice. */
export function phasesOf(node: NodeState, run: Run): readonly Phase[] {
  switch (run.sequence) {
    case 'reboot':
      return [CLEANUP, DBUS, STOP_SERVICES, UMOUNT, UNMOUNT_SYSTEM, STOP_EVERYTHING, REBOOT];
    case 'reset':
      return [
        ...(run.graceful ? [DRAIN, { name: 'cleanup', task: 'removeAllPods' }] : [CLEANUP]),
        DBUS,
        ...(run.graceful && roleOf(node.name) === 'controlplane' ? [{ name: 'leave', task: 'leaveEtcd' }] : []),
        { name: 'preReset', task: 'sendResetSignal' },
        STOP_SERVICES,
        UMOUNT,
        UNMOUNT_SYSTEM,
        STOP_EVERYTHING,
        run.wipe === 'disk'
          ? { name: 'reset', task: 'resetSystemDisk' }
          : { name: 'resetSpec', task: 'resetSystemDiskPartitions' },
        run.powersOff ? { name: 'shutdown', task: 'shutdown' } : REBOOT,
      ];
    case 'upgrade':
      if (run.isStaged) return [CLEANUP, DBUS, STOP_SERVICES, UMOUNT, UNMOUNT_SYSTEM, STOP_EVERYTHING, REBOOT];
      return [
        DRAIN,
        CLEANUP,
        DBUS,
        STOP_SERVICES,
        UMOUNT,
        UNMOUNT_SYSTEM,
        { name: 'upgrade', task: 'upgrade' },
        STOP_EVERYTHING,
        REBOOT,
      ];
  }
}

/** Whether `wanted` may stop what runs. Source: v1alpha1_priority_lock.go and runtime/sequencer.go. */
export function mayTakeOver(node: NodeState, wanted: SequenceName): boolean {
  switch (node.boot?.sequence) {
    case undefined:
    case 'boot':
      return true;
    case 'initialize':
      return wanted === 'reboot' && minorOf(node.physical.version) >= 13;
    case 'reboot':
    case 'reset':
      return wanted === 'reboot';
    default:
      return false; // install, upgrade
  }
}

/** The refusal is only an event, and names nobody. */
export function refuseLocked(node: NodeState, at: number, wanted: SequenceName): void {
  sequence(node, at, wanted, 'NOOP', '', { code: 'LOCKED', message: 'sequence not started: locked' });
}
