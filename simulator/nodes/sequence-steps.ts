import { RestartEvent } from '../../lib/talos/generated/machine/machine.ts';
import { install, refusedBy } from './boot-entry.ts';
import { stopServices } from './boot-services.ts';
import { leaveDiscovery } from './discovery.ts';
import { electLeader, leaveEtcd } from './etcd.ts';
import { bootOf, event, phase, phaseDone, sequence, stage, talos } from './record.ts';
import { phasesOf, type Run, STAGE_OF } from './sequences.ts';
import type { ClusterState, NodeState } from './state.ts';
import { after, type Next } from './step.ts';
import { wipe } from './wipe.ts';

/** From the last word of the old kernel to the first of the new one: firmware, boot loader. */
const FIRMWARE_MS = 12_000;
const BETWEEN_PHASES_MS = 700;
/** A sequence that fails for real ends in a reboot. Source: internal/app/machined/main.go. */
const REBOOT_AFTER_FAILURE_MS = 10_000;
/** LINUX_REBOOT_CMD_RESTART. */
const RESTART = 0x1234567;

/** Takes over what is going on; what that had planned does not happen any more. */
export function sequenceStarts(node: NodeState, at: number, run: Run): Next[] {
  const running = bootOf(node).sequence;
  if (running !== undefined) {
    const message = 'sequence failed: context canceled';
    sequence(node, at, running, 'STOP');
    sequence(node, at, running, 'NOOP', '', { code: 'CANCELED', message });
  }
  // a second one that was accepted meanwhile takes over in its turn
  node.pending = node.pending.filter(({ step }) => step.kind === 'sequence_starts');
  sequence(node, at, run.sequence, 'START', run.actorId);
  stage(node, at, STAGE_OF[run.sequence], true);
  return [after(300, { kind: 'phase', n: 0, run })];
}

export function runsPhase(cluster: ClusterState, node: NodeState, at: number, n: number, run: Run): Next[] {
  const phases = phasesOf(node, run);
  const current = phases[n];
  if (current === undefined) return [];
  const number = `${n + 1}/${phases.length}`;
  phase(node, at, current.name, current.task, number, run.actorId);
  if (current.name === 'reboot') return [after(300, { kind: 'kernel_restarts', run })];
  if (current.name === 'shutdown') return [after(300, { kind: 'powers_off' })];
  const failure = takeEffect(cluster, node, at, current.name, run);
  if (failure !== undefined) return fails(node, at, n, run, failure);
  phaseDone(node, at, current.name, current.task, number, run.actorId);
  return [after(BETWEEN_PHASES_MS, { kind: 'phase', n: n + 1, run })];
}

/** What a phase does; the text of its error where it fails. */
function takeEffect(cluster: ClusterState, node: NodeState, at: number, name: string, run: Run): string | undefined {
  switch (name) {
    case 'stopServices':
      stopServices(node, at, ['kubelet', 'etcd', 'trustd', 'cri']);
      electLeader(cluster);
      return undefined;
    case 'stopEverything':
      stopServices(node, at, ['udevd', 'syslogd', 'containerd']);
      return undefined;
    case 'leave':
      return leaveEtcd(cluster, node, at);
    case 'preReset':
      leaveDiscovery(cluster, node);
      return undefined;
    case 'reset':
    case 'resetSpec':
      if (run.sequence === 'reset') wipe(node, run.wipe);
      return undefined;
    case 'upgrade': {
      if (run.sequence !== 'upgrade') return undefined;
      const refused = refusedBy(run.installer, node.physical.version);
      if (refused === undefined) install(node.physical, run.installer);
      return refused;
    }
    default:
      return undefined;
  }
}

/** The machine restarts with its old state; nothing of it was undone. */
function fails(node: NodeState, at: number, n: number, run: Run, cause: string): Next[] {
  const message = `sequence failed: error running phase ${n + 1} in ${run.sequence} sequence: task 1/1: failed, ${cause}`;
  sequence(node, at, run.sequence, 'STOP', run.actorId);
  sequence(node, at, run.sequence, 'NOOP', run.actorId, { code: 'FATAL', message });
  talos(node, at, `rebooting in 10 seconds: ${message}`);
  node.pending = [];
  return [after(REBOOT_AFTER_FAILURE_MS, { kind: 'falls_silent' })];
}

/** A reboot that works ends as a failure whose text names the system call. */
export function kernelRestarts(node: NodeState, at: number, run: Run): Next[] {
  event(node, at, 'RestartEvent', RestartEvent.encode({ cmd: String(RESTART) }), run.actorId);
  const where = `error running phase ${phasesOf(node, run).length} in ${run.sequence} sequence: task 1/1: failed`;
  const message = `sequence failed: ${where}, unix.Reboot(${RESTART.toString(16)})`;
  sequence(node, at, run.sequence, 'STOP', run.actorId);
  sequence(node, at, run.sequence, 'NOOP', run.actorId, { code: 'FATAL', message });
  talos(node, at, 'rebooting');
  // staged: the next boot installs first
  if (run.sequence === 'upgrade' && run.isStaged) node.physical.stagedInstaller = run.installer;
  node.pending = []; // nothing takes over from here
  return [after(800, { kind: 'falls_silent' })];
}

export function fallsSilent(cluster: ClusterState, node: NodeState): Next[] {
  node.boot = undefined;
  electLeader(cluster);
  return [after(FIRMWARE_MS, { kind: 'kernel_starts' })];
}

export function powersOff(cluster: ClusterState, node: NodeState): Next[] {
  node.power = 'off';
  node.boot = undefined;
  node.pending = [];
  electLeader(cluster);
  return [];
}
