import { setMaxListeners } from 'node:events';
import type { Reading, ReadingError } from '../evidence/reading.ts';
import { err, ok, type Result } from '../result.ts';
import type { ByteBudget, Connection } from './connection.ts';
import { getResource, listResources, type ResourceKind } from './cosi.ts';
import { describeTalosError } from './describe-talos-error.ts';
import type { Read, ReadContext, Reader } from './readings/read.ts';
import type { TalosError } from './talos-error.ts';

/** Deadlines of one sweep, in milliseconds. A proxy waits up to 20 s for a node that is silent. */
export const SWEEP_MS = 25_000;
export const READING_MS = 8_000;
export const PROXY_MS = 23_000;
export const SWEEP_BYTES = 64 * 1024 * 1024;

/** What all readings of one sweep share. */
export type Sweep = { readonly signal: AbortSignal; readonly endsAtMs: number; readonly budget: ByteBudget };
export const startSweep = (signal: AbortSignal): Sweep => ({
  signal,
  endsAtMs: performance.now() + SWEEP_MS,
  budget: { left: SWEEP_BYTES },
});

/** A signal of our own: many calls listen on it, and nothing of them may stay on the caller's. */
export async function withSweep<T>(outer: AbortSignal | undefined, run: (sweep: Sweep) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const signal = outer === undefined ? stop.signal : AbortSignal.any([outer, stop.signal]);
  setMaxListeners(0, signal);
  try {
    return await run(startSweep(signal));
  } finally {
    stop.abort();
  }
}

/** Whom a reading is taken from: over which connection, and whether that one forwards. */
export type Source = {
  readonly connection: Connection;
  /** Inventory name, for sentences. */
  readonly name: string;
  readonly address: string;
  /** Name of the control plane that forwards. */
  readonly via?: string;
};

/** One reading: never throws, never takes longer than its share. */
export async function takeReading<T>(
  { signal, endsAtMs }: Sweep,
  source: Source,
  what: string,
  run: (connection: Connection, context: ReadContext) => Promise<Result<Read<T>, TalosError>>,
): Promise<Reading<T>> {
  const { connection, name, address, via } = source;
  const startedMs = performance.now();
  const timeoutMs = Math.max(1, Math.min(via === undefined ? READING_MS : PROXY_MS, endsAtMs - startedMs));
  const forward = via === undefined ? {} : { forwardTo: address };
  const result = await run(connection, { timeoutMs, signal, node: name, ...forward });
  const facts = {
    source: what,
    node: address,
    ...(via === undefined ? {} : { via }),
    at: new Date().toISOString(),
    tookMs: Math.round(performance.now() - startedMs),
  };
  // through a proxy it is the node that failed, whichever connection it came over
  if (!result.ok) return { ...facts, ok: false, error: toReadingError({ ...result.error, node: name }) };
  const { value, cut, redacted } = result.value;
  return {
    ...facts,
    ...(cut === undefined ? {} : { cut }),
    ...(redacted === undefined || redacted === 0 ? {} : { redacted }),
    ok: true,
    value,
  };
}

/** The reading that was not even tried, for instance because its address may not be dialled. */
export function failedReading<T>(address: string, error: TalosError): Reading<T> {
  const facts = { source: error.source, node: address, at: new Date().toISOString(), tookMs: 0 };
  return { ...facts, ok: false, error: toReadingError(error) };
}

export const toReadingError = (error: TalosError): ReadingError => ({
  code: error.code,
  message: describeTalosError(error),
});

/** A resource by its id. */
export const resource =
  <T>(kind: ResourceKind<T>, id: string): Reader<T> =>
  async (connection, context) => {
    const got = await getResource(connection, kind, id, context);
    return got.ok ? ok({ value: got.value }) : got;
  };

/** All resources of a type. */
export const resources =
  <T>(kind: ResourceKind<T>): Reader<readonly T[]> =>
  async (connection, context) => {
    const got = await listResources(connection, kind, context);
    return got.ok ? ok({ value: got.value }) : got;
  };

/** The only resource of a type whose id is not known beforehand. */
export const onlyResource =
  <T>(kind: ResourceKind<T>): Reader<T> =>
  async (connection, context) => {
    const got = await listResources(connection, kind, context);
    if (!got.ok) return got;
    const [first] = got.value;
    if (first !== undefined) return ok({ value: first });
    return err({ code: 'not_found', node: context.node, source: kind.type, text: 'none' });
  };
