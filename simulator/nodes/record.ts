import { createHash } from 'node:crypto';
import type { ServiceStateEvent_Action } from '../../lib/talos/generated/machine/machine.ts';
import type { Told } from './node-events.ts';
import type { Boot, NodeState, Service, Stage } from './state.ts';

/** What a node writes down about itself while things happen: kernel log, events, services, volumes, stage. */

const KERNEL_LOG_LINES = 2000;
const EVENTS_PER_BOOT = 1000;
const EVENTS_PER_SERVICE = 64;

export function bootOf(node: NodeState): Boot {
  if (node.boot === undefined) throw new Error(`${node.name} is not switched on`);
  return node.boot;
}

export function kernel(node: NodeState, at: number, text: string, priority = 'info', facility = 'kern'): void {
  const { kernelLog } = bootOf(node);
  const last = kernelLog.at(-1)?.at ?? at;
  kernelLog.push({ at: Math.max(at, last), facility, priority, text });
  if (kernelLog.length > KERNEL_LOG_LINES) kernelLog.shift();
}

const LOG_LINES = 2000;
/** A line that a service writes, or a container. */
export function logLine(node: NodeState, at: number, id: string, text: string): void {
  const boot = bootOf(node);
  const lines = boot.logs?.[id] ?? [];
  lines.push({ at, text });
  boot.logs = { ...boot.logs, [id]: lines };
  if (lines.length > LOG_LINES) lines.shift();
}

/** JSON as machined writes it: with a space behind every colon and comma. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}: ${spaced(part)}`);
  return `{${entries.join(', ')}}`;
}

/** A line of machined: `[talos] text {json}`. */
export function talos(node: NodeState, at: number, text: string, fields?: Readonly<Record<string, unknown>>): void {
  const json = fields === undefined ? '' : ` ${spaced(fields)}`;
  kernel(node, at, `[talos] ${text}${json}`, 'warning', 'user');
}

export const controller = (name: string, fields: Readonly<Record<string, unknown>> = {}) => ({
  component: 'controller-runtime',
  controller: name,
  ...fields,
});

const BASE32 = '0123456789abcdefghijklmnopqrstuv';
const machines = new WeakMap<Boot, Buffer>();
function machineOf(name: string, boot: Boot): Buffer {
  const known = machines.get(boot) ?? createHash('sha256').update(`${name} ${boot.id}`).digest().subarray(0, 5);
  machines.set(boot, known);
  return known;
}

/** xid: 4 bytes of seconds, 5 of the machine, 3 of a counter, in base32hex, so that ids sort by time. */
function xid(node: NodeState, at: number, count: number): string {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(Math.floor(at / 1000), 0);
  machineOf(node.name, bootOf(node)).copy(bytes, 4);
  bytes.writeUIntBE(count & 0xffffff, 9, 3);
  let text = '';
  let [left, bits] = [0, 0];
  for (const byte of bytes) {
    left = ((left << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32.charAt((left >> (bits - 5)) & 31);
  }
  return text + BASE32.charAt((left << (5 - bits)) & 31);
}

export function event(node: NodeState, at: number, told: Told, actorId = ''): void {
  const boot = bootOf(node);
  boot.eventCount += 1;
  // a detail a little ahead of its step must not be followed by an id that sorts before it
  const when = Math.max(at, boot.events.at(-1)?.at ?? at);
  boot.events.push({ id: xid(node, when, boot.eventCount), at: when, actorId, ...told });
  if (boot.events.length > EVENTS_PER_BOOT) boot.events.shift();
}

type Health = { healthy: boolean; message: string } | 'unknown';

export function service(
  node: NodeState,
  at: number,
  id: string,
  state: string,
  message: string,
  health?: Health,
): void {
  const boot = bootOf(node);
  const known: Service = boot.services[id] ?? {
    state: 'Initialized',
    health: { unknown: true, healthy: false, lastMessage: '', lastChange: 0 },
    events: [],
  };
  known.state = state;
  known.events.push({ state, message, at });
  if (known.events.length > EVENTS_PER_SERVICE) known.events.shift();
  if (health === 'unknown' || (health === undefined && state !== 'Running')) {
    known.health = { unknown: true, healthy: false, lastMessage: '', lastChange: at };
  } else if (health !== undefined) {
    known.health = { unknown: false, healthy: health.healthy, lastMessage: health.message, lastChange: at };
  }
  boot.services[id] = known;
  talos(node, at, `service[${id}](${state}): ${message}`);
  const change = { service: id, action: SERVICE_ACTIONS[state] ?? 'INITIALIZED', message, health: known.health };
  event(node, at, { type: 'ServiceStateEvent', message: change });
}

const SERVICE_ACTIONS: Readonly<Record<string, ServiceStateEvent_Action>> = {
  Preparing: 'PREPARING',
  Waiting: 'WAITING',
  Running: 'RUNNING',
  Stopping: 'STOPPING',
  Finished: 'FINISHED',
  Failed: 'FAILED',
  Skipped: 'SKIPPED',
  Starting: 'STARTING',
};

export function volume(node: NodeState, at: number, id: string, ...phases: readonly string[]): void {
  const boot = bootOf(node);
  for (const phase of phases) {
    const known = boot.volumes[id] ?? { phase: 'waiting', updatedAt: at, revision: 1 };
    if (known.phase !== phase) {
      const fields = controller('block.VolumeManagerController', { volume: id, phase: `${known.phase} -> ${phase}` });
      talos(node, at, 'volume status', fields);
    }
    boot.volumes[id] = { phase, updatedAt: at, revision: known.revision + 1 };
  }
}

export function volumeFails(node: NodeState, at: number, id: string, error: string): void {
  const from = bootOf(node).volumes[id]?.phase ?? 'waiting';
  volume(node, at, id, 'failed');
  const { updatedAt, revision } = bootOf(node).volumes[id] ?? { updatedAt: at, revision: 1 };
  bootOf(node).volumes[id] = { phase: 'failed', updatedAt, revision, failed: { from, error } };
  talos(node, at, 'volume failed', controller('block.VolumeManagerController', { volume: id, error }));
}

/** What it means for readiness, and the event, come with the end of the step. */
export function stage(node: NodeState, at: number, to: Stage): void {
  const boot = bootOf(node);
  boot.stage = to;
  boot.stageAt = at;
}

export function sequence(
  node: NodeState,
  at: number,
  name: string,
  action: 'NOOP' | 'START' | 'STOP',
  actorId = '',
  error?: { code: 'FATAL' | 'LOCKED' | 'CANCELED'; message: string },
  isFailing = false,
): void {
  const boot = bootOf(node);
  if (action === 'START') boot.sequence = name;
  else if (action === 'STOP' && boot.sequence === name) boot.sequence = undefined;
  const done = isFailing ? 'failed' : 'done';
  if (action !== 'NOOP') talos(node, at, `${name} sequence: ${action === 'START' ? 'started' : done}`);
  const message = { sequence: name, action, ...(error && { error: { ...error, details: [] } }) };
  event(node, at, { type: 'SequenceEvent', message }, actorId);
}

/** One phase with its one task, from start to end. */
export function phase(node: NodeState, at: number, name: string, task: string, n: string, actorId = ''): void {
  talos(node, at, `phase ${name} (${n}): 1 tasks(s)`);
  event(node, at, { type: 'PhaseEvent', message: { phase: name, action: 'START' } }, actorId);
  talos(node, at, `task ${task} (1/1): starting`);
  event(node, at, { type: 'TaskEvent', message: { task, action: 'START' } }, actorId);
}
export function phaseDone(node: NodeState, at: number, name: string, task: string, n: string, actorId = ''): void {
  talos(node, at, `task ${task} (1/1): done`);
  event(node, at, { type: 'TaskEvent', message: { task, action: 'STOP' } }, actorId);
  talos(node, at, `phase ${name} (${n}): done`);
  event(node, at, { type: 'PhaseEvent', message: { phase: name, action: 'STOP' } }, actorId);
}

export function phaseFailed(
  node: NodeState,
  at: number,
  name: string,
  task: string,
  { n, cause, actorId }: { readonly n: string; readonly cause: string; readonly actorId: string },
): void {
  talos(node, at, `task ${task} (1/1): failed: ${cause}`);
  event(node, at, { type: 'TaskEvent', message: { task, action: 'STOP' } }, actorId);
  talos(node, at, `phase ${name} (${n}): failed`);
  event(node, at, { type: 'PhaseEvent', message: { phase: name, action: 'STOP' } }, actorId);
}
