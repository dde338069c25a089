import type { Boot } from '../evidence/boot.ts';
import { err, ok, type Result } from '../result.ts';
import { type Connection, openConnection } from './connection.ts';
import { getResource } from './cosi.ts';
import { mayDial } from './dial-rules.ts';
import type { Event } from './generated/machine/machine.ts';
import { machineService } from './methods.ts';
import { verified } from './node-policy.ts';
import { readSystemStat } from './readings/machine.ts';
import { BOOT_ID_ID, bootId, MACHINE_STATUS_ID, machineStatus } from './resources/runtime.ts';
import type { ClusterAccess, NodeTarget } from './talos.ts';
import type { TalosError } from './talos-error.ts';

const EVENTS = 'machine.MachineService/Events';
/** A node that shakes hands and then says nothing is asked again, not waited for. */
const OPEN_MS = 10_000;

/** One stream of Events, open: from here on nothing is missed until it ends. */
export type EventStream = {
  readonly boot: Boot;
  readonly stage: { readonly name: string; readonly ready: boolean } | undefined;
  /** Ends with the reason where it was not the node that ended it. */
  readonly frames: AsyncGenerator<Event, TalosError | undefined, undefined>;
  readonly close: () => void;
};

/** `past`: also everything that the node still remembers of this boot. Events of a boot end with it. */
export async function openEvents(
  access: ClusterAccess,
  { name, address }: NodeTarget,
  context: { readonly timeoutMs: number; readonly signal: AbortSignal; readonly past: boolean },
): Promise<Result<EventStream, TalosError>> {
  const allowed = mayDial(address, access);
  if (!allowed.ok) {
    return err({ code: 'address_not_allowed', node: name, source: EVENTS, text: allowed.error });
  }
  const keepalive = { everyMs: 10_000, timeoutMs: 5_000 };
  const connection = openConnection({ node: name, tls: verified(access, address, access.reader), keepalive });
  const request = { tailEvents: context.past ? -1 : 0, tailId: '', tailSeconds: 0, withActorId: '' };
  const slow = new AbortController();
  const signal = AbortSignal.any([context.signal, slow.signal]);
  const frames = connection.follow(machineService.events, request, { ...context, signal });
  const timer = setTimeout(() => slow.abort(), OPEN_MS);
  // the greeting, or the first of the past: then nothing is missed any more
  const [first, facts] = await Promise.all([frames.next(), machineFacts(connection, { ...context, node: name })]);
  clearTimeout(timer);
  if (first.done === true) {
    connection.close();
    const failure: TalosError = first.value ?? { code: 'connection_reset', node: name, source: EVENTS, text: '' };
    return err(slow.signal.aborted ? { ...failure, code: 'deadline_exceeded' } : failure);
  }
  return ok({ ...facts, frames: startingWith(first.value, frames), close: () => connection.close() });
}

async function* startingWith(first: Event, rest: EventStream['frames']): EventStream['frames'] {
  yield first;
  return yield* rest;
}

const FACT_MS = 5_000;
type Facts = Pick<EventStream, 'boot' | 'stage'>;

/** What cannot be read is not known, and proves nothing. */
async function machineFacts(
  connection: Connection,
  context: { readonly timeoutMs: number; readonly signal: AbortSignal; readonly node: string },
): Promise<Facts> {
  const brief = { ...context, timeoutMs: Math.min(context.timeoutMs, FACT_MS) };
  const [stat, id, status] = await Promise.all([
    readSystemStat(connection, brief),
    getResource(connection, bootId, BOOT_ID_ID, brief),
    getResource(connection, machineStatus, MACHINE_STATUS_ID, brief),
  ]);
  return {
    boot: {
      bootId: id.ok ? id.value : undefined,
      spki: undefined,
      bootTimeS: stat.ok ? stat.value.value.bootTimeS : undefined,
    },
    stage: status.ok ? { name: status.value.stage, ready: status.value.ready } : undefined,
  };
}
