import type { Message, Queue } from './queue.ts';
import { realTimers, type Timers } from './timers.ts';

export type Handler = (message: Message, receives: number) => Promise<void>;
export type DeadLetter = { readonly message: Message; readonly receives: number; readonly lastError: string };
export type MemoryQueue = Queue & {
  /** Registers the one handler of a function; messages that came before it are delivered now. */
  handle(functionName: string, handler: Handler, options?: { readonly concurrency?: number }): void;
  /** Delivers nothing more and waits for the handlers that run. What still waits is found again by the sweep. */
  drain(): Promise<void>;
  /** Messages that are not delivered yet, or may be delivered again. */
  pending(): readonly Message[];
  deadLetters(): readonly DeadLetter[];
};

type Entry = {
  readonly message: Message;
  readonly key: string;
  readonly isDeduped: boolean;
  /** Invisible until then: delayed, or being handled. */
  visibleAtMs: number;
  /** How many handlers have it now: over one when a handler outlasted the visibility timeout. */
  handlers: number;
  receives: number;
  lastError: string;
};
type Consumer = { readonly handler: Handler; readonly concurrency: number; running: number };

/**
 * A queue inside of this process that behaves as SQS with Lambda does: at least once, not in order, delays, a
 * visibility timeout after which a message comes again whatever its handler does, and dead letters after
 * `maxReceives`. A handler that throws gives its message back after `retryMs`.
 */
export function memoryQueue(
  options: {
    readonly timers?: Timers;
    readonly visibilityMs?: number;
    readonly retryMs?: number;
    readonly maxReceives?: number;
    readonly onDeadLetter?: (letter: DeadLetter) => void;
  } = {},
): MemoryQueue {
  const { timers = realTimers, visibilityMs = 120_000, retryMs = 1000, maxReceives = 5 } = options;
  const entries = new Set<Entry>();
  const dead: DeadLetter[] = [];
  const consumers = new Map<string, Consumer>();
  const running = new Set<Promise<void>>();
  let cancelTimer = () => {};
  let isDraining = false;

  function deliver(): void {
    cancelTimer();
    if (isDraining) return;
    const nowMs = timers.nowMs();
    for (const entry of entries) {
      if (entry.visibleAtMs > nowMs) continue;
      const consumer = consumers.get(entry.message.function);
      if (entry.receives >= maxReceives) bury(entry);
      else if (consumer !== undefined && consumer.running < consumer.concurrency) receive(entry, consumer, nowMs);
    }
    wakeAtNext(nowMs);
  }

  function wakeAtNext(nowMs: number): void {
    const times = [...entries].map((entry) => entry.visibleAtMs).filter((atMs) => atMs > nowMs);
    if (times.length === 0) return;
    // Long waits are cut: setTimeout knows no more than 2^31 ms.
    const waitMs = Math.min(times.reduce((one, other) => Math.min(one, other)) - nowMs, 60_000);
    cancelTimer = timers.after(waitMs, deliver);
  }

  function receive(entry: Entry, consumer: Consumer, nowMs: number): void {
    entry.receives += 1;
    entry.handlers += 1;
    entry.visibleAtMs = nowMs + visibilityMs;
    consumer.running += 1;
    const run = handleOne(entry, consumer).finally(() => {
      running.delete(run);
      entry.handlers -= 1;
      consumer.running -= 1;
      deliver();
    });
    running.add(run);
  }

  async function handleOne(entry: Entry, { handler }: Consumer): Promise<void> {
    try {
      await handler(entry.message, entry.receives);
      entries.delete(entry);
    } catch (error) {
      entry.lastError = error instanceof Error ? error.message : String(error);
      // Another handler may have it by now: its time limit stands.
      if (entry.handlers === 1) entry.visibleAtMs = timers.nowMs() + retryMs;
    }
  }

  function bury(entry: Entry): void {
    entries.delete(entry);
    const letter = { message: entry.message, receives: entry.receives, lastError: entry.lastError };
    dead.push(letter);
    options.onDeadLetter?.(letter);
  }

  /** Of identical messages that are both due now one is enough; one that is due later must not get lost in it. */
  function isCovered(entry: Entry, nowMs: number): boolean {
    for (const other of entries) {
      if (other.key !== entry.key || other.isDeduped !== entry.isDeduped || other.receives > 0) continue;
      if (entry.isDeduped) {
        other.visibleAtMs = Math.min(other.visibleAtMs, entry.visibleAtMs);
        return true;
      }
      if (Math.max(other.visibleAtMs, nowMs) === entry.visibleAtMs) return true;
    }
    return false;
  }

  return {
    async send(message, { delayMs = 0, dedupe } = {}) {
      const nowMs = timers.nowMs();
      const key = dedupe ?? JSON.stringify([message.function, message.subject, message.step]);
      const state = { visibleAtMs: nowMs + Math.max(0, delayMs), handlers: 0, receives: 0, lastError: '' };
      const entry: Entry = { message, key, isDeduped: dedupe !== undefined, ...state };
      if (!isCovered(entry, nowMs)) entries.add(entry);
      deliver();
    },
    handle(functionName, handler, { concurrency = 1 } = {}) {
      consumers.set(functionName, { handler, concurrency, running: 0 });
      deliver();
    },
    async drain() {
      isDraining = true;
      cancelTimer();
      while (running.size > 0) await Promise.all(running);
    },
    pending: () => [...entries].map(({ message }) => message),
    deadLetters: () => dead,
  };
}
