import { redactText } from '../evidence/redact.ts';
import type { Event } from './generated/machine/machine.ts';
import {
  MachineStatusEvent,
  PhaseEvent,
  SequenceEvent,
  ServiceStateEvent,
  TaskEvent,
} from './generated/machine/machine.ts';

/** Types are not under type.googleapis.com. Source: siderolabs/talos, pkg/machinery/client/events.go. */
const PREFIX = 'talos/runtime/machine.';

export type TalosEvent =
  | { readonly type: 'sequence'; readonly name: string; readonly action: string; readonly error?: EventError }
  | { readonly type: 'phase' | 'task' | 'service'; readonly name: string; readonly action: string }
  | { readonly type: 'stage'; readonly name: string; readonly action: 'ready' | 'not ready' };
export type EventError = { readonly code: 'FATAL' | 'LOCKED' | 'CANCELED' | 'unknown'; readonly message: string };

/**
 * What an event says, in Talos' words; undefined for the greeting, for kinds that are not used and for bytes that are no
 * event. Numbers that we do not know become `unknown`.
 */
export function decodeEvent({ data }: Event): TalosEvent | undefined {
  if (data === undefined || !data.typeUrl.startsWith(PREFIX)) return undefined;
  const decode = DECODERS[data.typeUrl.slice(PREFIX.length)];
  try {
    return decode?.(data.value);
  } catch {
    return undefined;
  }
}

const DECODERS: Readonly<Record<string, (bytes: Uint8Array) => TalosEvent>> = {
  SequenceEvent(bytes) {
    const { sequence, action, error } = SequenceEvent.decode(bytes);
    const said = { type: 'sequence' as const, name: short(sequence), action: known(action) };
    if (error === undefined) return said;
    const code = error.code === 'UNRECOGNIZED' ? 'unknown' : error.code;
    return { ...said, error: { code, message: redactText(error.message.slice(0, 4096)).text } };
  },
  PhaseEvent(bytes) {
    const { phase, action } = PhaseEvent.decode(bytes);
    return { type: 'phase', name: short(phase), action: known(action) };
  },
  TaskEvent(bytes) {
    const { task, action } = TaskEvent.decode(bytes);
    return { type: 'task', name: short(task), action: known(action) };
  },
  ServiceStateEvent(bytes) {
    const { service, action } = ServiceStateEvent.decode(bytes);
    return { type: 'service', name: short(service), action: known(action) };
  },
  MachineStatusEvent(bytes) {
    const { stage, status } = MachineStatusEvent.decode(bytes);
    const name = known(stage).toLowerCase().replaceAll('_', ' ');
    return { type: 'stage', name, action: status?.ready === true ? 'ready' : 'not ready' };
  },
};

const known = (value: string): string => (value === 'UNRECOGNIZED' ? 'unknown' : value);
const short = (text: string): string => text.slice(0, 256);
