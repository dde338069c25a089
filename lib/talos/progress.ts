import { decodeEvent, type TalosEvent } from './events.ts';
import type { Event } from './generated/machine/machine.ts';
import type { Progress } from './talos.ts';

/** Whose events are looked for, and what has been seen of them. */
export type Watched = {
  readonly actorId: string;
  hasBegun: boolean;
  /** After the reboot everything that happens is a consequence; nothing there carries the actor. */
  isOtherBoot: boolean;
  /** Ids sort by time: what is replayed after a reconnect is not told twice. */
  lastId: string;
};

/**
 * What one event says about the watched action; undefined: nothing. Source: v1alpha1_controller.go and priority_lock.go of
 * Talos: a refusal by the lock comes as LOCKED without an actor, a reboot that works ends as a FATAL with `unix.Reboot(`.
 */
export function progressOf(frame: Event, watched: Watched): Progress | undefined {
  const event = decodeEvent(frame);
  if (event === undefined) return undefined;
  const id = frame.id.slice(0, 64);
  if (id !== '' && id <= watched.lastId) return undefined;
  watched.lastId = id;
  if (event.type === 'stage') return stageProgress(event, watched);
  if (event.type === 'service') return { kind: 'service', name: event.name, action: event.action };
  const error = event.type === 'sequence' ? event.error : undefined;
  // once our own sequence runs, a LOCKED is somebody else's
  if (error?.code === 'LOCKED' && !watched.hasBegun) return { kind: 'end', how: 'refused', because: error.message };
  if (!watched.isOtherBoot && frame.actorId !== watched.actorId) return undefined;
  if (event.action === 'START') watched.hasBegun = true;
  if (error === undefined) return { kind: event.type, name: event.name, action: event.action };
  if (error.message.includes('unix.Reboot(')) return { kind: 'restarting' };
  if (error.code === 'CANCELED') return { kind: 'end', how: 'taken_over', because: error.message };
  return error.code === 'LOCKED' ? undefined : { kind: 'end', how: 'failed', because: error.message };
}

function stageProgress({ name, action }: Extract<TalosEvent, { type: 'stage' }>, { isOtherBoot }: Watched): Progress {
  const ready = action === 'ready';
  if (isOtherBoot && name === 'running' && ready) {
    return { kind: 'end', how: 'up', because: 'The node booted again, and is running and ready.' };
  }
  return { kind: 'stage', name, ready };
}
