import { RestartEvent } from '../../lib/talos/generated/machine/machine.ts';
import { stopServices } from './boot-services.ts';
import { electLeader } from './etcd.ts';
import { bootOf, event, phase, phaseDone, sequence, stage, talos } from './record.ts';
import type { ClusterState, NodeState } from './state.ts';
import { after, type Next } from './step.ts';
import { minorOf } from './version.ts';

/** From the last word of the old kernel to the first of the new one: firmware, boot loader. */
export const FIRMWARE_MS = 12_000;
/** LINUX_REBOOT_CMD_RESTART. */
const RESTART = 0x1234567;

const PHASES = [
  { name: 'cleanup', task: 'stopAllPods' },
  { name: 'dbus', task: 'stopDBus' },
  { name: 'stopServices', task: 'stopServicesEphemeral' },
  { name: 'umount', task: 'unmountPodMounts' },
  { name: 'unmountSystem', task: 'unmountEphemeralPartition' },
  { name: 'stopEverything', task: 'stopAllServices' },
  { name: 'reboot', task: 'reboot' },
] as const;
const BETWEEN_PHASES_MS = 700;

/** Sequences that a reboot may not take over; it may another reboot. Source: talos-api 4.1. */
export const isLocked = (node: NodeState): boolean =>
  node.boot?.sequence === 'install' || (node.boot?.sequence === 'initialize' && minorOf(node.physical.version) <= 12);

export function refuseLocked(node: NodeState, at: number): void {
  sequence(node, at, 'reboot', 'NOOP', '', { code: 'LOCKED', message: 'sequence not started: locked' });
}

/** Takes over a boot that is still going on; what that had planned does not happen any more. */
export function rebootStarts(node: NodeState, at: number, actorId: string): Next[] {
  const boot = bootOf(node);
  const running = boot.sequence;
  if (running !== undefined) {
    const message = `sequence failed: context canceled`;
    sequence(node, at, running, 'STOP');
    sequence(node, at, running, 'NOOP', '', { code: 'CANCELED', message });
  }
  // a second reboot that was accepted meanwhile takes over in its turn
  node.pending = node.pending.filter(({ step }) => step.kind === 'sequence_starts');
  sequence(node, at, 'reboot', 'START', actorId);
  stage(node, at, 'rebooting', true);
  return [after(300, { kind: 'phase', n: 0, actorId })];
}

export function runsPhase(cluster: ClusterState, node: NodeState, at: number, n: number, actorId: string): Next[] {
  const current = PHASES[n];
  if (current === undefined) return [];
  const number = `${n + 1}/${PHASES.length}`;
  phase(node, at, current.name, current.task, number, actorId);
  if (current.name === 'reboot') return [after(300, { kind: 'kernel_restarts', actorId })];
  if (current.name === 'stopServices') {
    stopServices(node, at, ['kubelet', 'etcd', 'trustd', 'cri']);
    electLeader(cluster);
  }
  if (current.name === 'stopEverything') stopServices(node, at, ['udevd', 'syslogd', 'containerd']);
  phaseDone(node, at, current.name, current.task, number, actorId);
  return [after(BETWEEN_PHASES_MS, { kind: 'phase', n: n + 1, actorId })];
}

/** A reboot that works ends as a failure whose text names the system call. */
export function kernelRestarts(node: NodeState, at: number, actorId: string): Next[] {
  event(node, at, 'RestartEvent', RestartEvent.encode({ cmd: String(RESTART) }), actorId);
  const where = `error running phase ${PHASES.length} in reboot sequence: task 1/1: failed`;
  const message = `sequence failed: ${where}, unix.Reboot(${RESTART.toString(16)})`;
  sequence(node, at, 'reboot', 'STOP', actorId);
  sequence(node, at, 'reboot', 'NOOP', actorId, { code: 'FATAL', message });
  talos(node, at, 'rebooting');
  node.pending = []; // nothing takes over from here
  return [after(800, { kind: 'falls_silent' })];
}

export function fallsSilent(cluster: ClusterState, node: NodeState): Next[] {
  node.boot = undefined;
  electLeader(cluster);
  return [after(FIRMWARE_MS, { kind: 'kernel_starts' })];
}
