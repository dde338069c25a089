import { fallBack } from './boot-entries.ts';
import { electLeader } from './etcd.ts';
import { type Order, REBOOT } from './orders.ts';
import { bootOf, event, phase, phaseDone, phaseFailed, sequence, stage, talos } from './record.ts';
import { isLocked, refuseLocked } from './sequence-locks.ts';
import { type Phase, phasesOf } from './sequence-phases.ts';
import { carriesOut } from './sequence-tasks.ts';
import type { ClusterState, NodeState, Stage } from './state.ts';
import { after, type Next } from './step.ts';
import { minorOf } from './version.ts';

/** From the last word of the old kernel to the first of the new one: firmware, boot loader; kexec goes without. */
const FIRMWARE_MS = 12_000;
const KEXEC_MS = 6_000;
/** After a failure machined counts ten seconds down before it reboots. Source: internal/app/machined/main.go. */
const COUNTDOWN_MS = 10_000;
/** How long a sequence waits for the one that it takes over. */
const TAKEOVER_MS = 60_000;
/** Services stop, what is left is killed and unmounted; whoever follows the events sees the last one meanwhile. */
const LAST_WORDS_MS = 2_000;

/** Source: reboot(2), LINUX_REBOOT_CMD_*. */
const COMMANDS = { restart: 0x1234567, kexec: 0x45584543, powerOff: 0x4321fedc } as const;

const STAGES: Readonly<Record<Order['sequence'], Stage>> = {
  reboot: 'rebooting',
  reset: 'resetting',
  upgrade: 'upgrading',
  stageUpgrade: 'upgrading',
  shutdown: 'shutting down',
};

const isGoingDown = (node: NodeState): boolean => node.pending.some(({ step }) => step.kind === 'falls_silent');

/** Takes over what may be taken over; what that had planned does not happen any more. */
export function sequenceStarts(
  node: NodeState,
  at: number,
  actorId: string,
  order: Order = REBOOT,
  takesOver = false,
): Next[] {
  const boot = bootOf(node);
  if (isGoingDown(node)) return [];
  if (!takesOver && isLocked(node, order.sequence)) {
    refuseLocked(node, at, order.sequence);
    return [];
  }
  if (boot.holdsLock) return [after(TAKEOVER_MS, { kind: 'takeover_times_out', sequence: order.sequence })];
  const running = boot.sequence;
  if (running !== undefined) {
    const message = `sequence failed: context canceled`;
    sequence(node, at, running, 'STOP', boot.actorId);
    sequence(node, at, running, 'NOOP', boot.actorId, { code: 'CANCELED', message });
  }
  // what was accepted meanwhile takes over in its turn, or is refused
  node.pending = node.pending.filter(({ step }) => step.kind === 'sequence_starts');
  boot.order = order;
  boot.actorId = actorId;
  sequence(node, at, order.sequence, 'START', actorId);
  stage(node, at, STAGES[order.sequence]);
  return [after(300, { kind: 'phase', n: 0, actorId })];
}

/** What runs was told to stop and does not. Nobody hears of it but the log. Source: v1alpha1_priority_lock.go. */
export function takeoverTimesOut(node: NodeState, at: number, wanted: Order['sequence']): Next[] {
  talos(node, at, `${wanted} failed: failed to acquire lock: timeout`);
  return [];
}

type Current = { readonly order: Order; readonly phase: Phase; readonly number: string };
function currentOf(node: NodeState, n: number): Current | undefined {
  const order = bootOf(node).order ?? REBOOT;
  const phases = phasesOf(node, order);
  const found = phases[n];
  return found && { order, phase: found, number: `${n + 1}/${phases.length}` };
}

export function phaseStarts(node: NodeState, at: number, n: number, actorId: string): Next[] {
  const current = currentOf(node, n);
  if (current === undefined) return [];
  const { name, task, takesMs } = current.phase;
  phase(node, at, name, task, current.number, actorId);
  const isLast = name === 'reboot' || name === 'shutdown';
  return [after(takesMs, isLast ? { kind: 'kernel_restarts', actorId } : { kind: 'phase_ends', n, actorId, tries: 1 })];
}

export function phaseEnds(
  cluster: ClusterState,
  node: NodeState,
  at: number,
  { n, actorId, tries }: { readonly n: number; readonly actorId: string; readonly tries: number },
): Next[] {
  const current = currentOf(node, n);
  if (current === undefined) return [];
  const { name, task } = current.phase;
  const done = carriesOut(cluster, node, at, current.order, name, tries);
  if ('hangs' in done) {
    bootOf(node).holdsLock = name === 'unmountSystem'; // in the kernel, where nobody can cancel it
    return [];
  }
  if ('againAfterMs' in done) return [after(done.againAfterMs, { kind: 'phase_ends', n, actorId, tries: tries + 1 })];
  if ('failure' in done) {
    phaseFailed(node, at, name, task, { n: current.number, cause: done.failure, actorId });
    const where = `error running phase ${n + 1} in ${current.order.sequence} sequence: task 1/1: failed`;
    return sequenceFails(node, at, `${where}, ${done.failure}`);
  }
  phaseDone(node, at, name, task, current.number, actorId);
  return phaseStarts(node, at, n + 1, actorId);
}

function ends(node: NodeState, at: number, actorId: string, message: string, isFailing = false): void {
  const { sequence: running, order } = bootOf(node);
  const name = running ?? order?.sequence ?? 'reboot';
  sequence(node, at, name, 'STOP', actorId, undefined, isFailing);
  sequence(node, at, name, 'NOOP', actorId, { code: 'FATAL', message: `sequence failed: ${message}` });
  if (name !== 'shutdown' && bootOf(node).stage !== 'rebooting') stage(node, at, 'rebooting');
  node.pending = []; // nothing takes over from here
}

/**
 * The machine reboots as it was, or into the boot entry before an upgrade that nobody confirmed; one that was to be
 * switched off is. `panic=0` leaves it where it is, with nothing running. Source: internal/app/machined/main.go.
 */
export function sequenceFails(node: NodeState, at: number, message: string): Next[] {
  const { actorId = '', order, sequence: running } = bootOf(node);
  ends(node, at, actorId, message, true);
  if (minorOf(node.physical.version) >= 13) talos(node, at, 'running emergency volume cleanup');
  fallBack(node, at);
  if (node.physical.kernelArgs.includes('panic=0')) {
    talos(node, at, 'panic=0 kernel flag found, sleeping forever');
    return [after(LAST_WORDS_MS, { kind: 'falls_silent', sleeps: true })];
  }
  if (running === 'shutdown' && order?.sequence === 'shutdown') {
    return [after(LAST_WORDS_MS, { kind: 'falls_silent', isOff: true })];
  }
  talos(node, at, 'rebooting in 10 seconds');
  return [after(LAST_WORDS_MS, { kind: 'falls_silent', bootsAfterMs: COUNTDOWN_MS + FIRMWARE_MS })];
}

/** A sequence that works ends as a failure too, whose text names the system call. */
export function kernelRestarts(node: NodeState, at: number, actorId: string): Next[] {
  const { order = REBOOT, isKexecPrepared = false } = bootOf(node);
  const isPowerOff = order.sequence === 'shutdown' || (order.sequence === 'reset' && !order.reboot);
  const restart = isKexecPrepared ? COMMANDS.kexec : COMMANDS.restart;
  const command = isPowerOff ? COMMANDS.powerOff : restart;
  event(node, at, { type: 'RestartEvent', message: { cmd: String(command) } }, actorId);
  const where = `error running phase ${phasesOf(node, order).length} in ${order.sequence} sequence: task 1/1: failed`;
  ends(node, at, actorId, `${where}, unix.Reboot(${command.toString(16)})`);
  talos(node, at, isPowerOff ? 'shutting down' : 'rebooting');
  if (isPowerOff) return [after(LAST_WORDS_MS, { kind: 'falls_silent', isOff: true })];
  const start = isKexecPrepared ? 'kexec' : 'coldBoot';
  if (node.physical.firmware?.hangsAfter === start)
    return [after(LAST_WORDS_MS, { kind: 'falls_silent', hangs: true })];
  return [after(LAST_WORDS_MS, { kind: 'falls_silent', bootsAfterMs: isKexecPrepared ? KEXEC_MS : FIRMWARE_MS })];
}

/** `hangs`: switched on, and nothing comes any more. `sleeps`: the kernel runs, and nothing on it. */
type Silence = {
  readonly isOff?: boolean;
  readonly bootsAfterMs?: number;
  readonly hangs?: boolean;
  readonly sleeps?: boolean;
};

export function fallsSilent(
  cluster: ClusterState,
  node: NodeState,
  { isOff = false, bootsAfterMs = FIRMWARE_MS, hangs = false, sleeps = false }: Silence,
): Next[] {
  if (sleeps) {
    Object.assign(bootOf(node), { api: 'none', services: {} });
    electLeader(cluster);
    return [];
  }
  node.boot = undefined;
  if (isOff) node.power = 'off';
  electLeader(cluster);
  return isOff || hangs ? [] : [after(bootsAfterMs, { kind: 'kernel_starts' })];
}
