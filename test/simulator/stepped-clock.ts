import type { Clock } from '../../simulator/nodes/clock.ts';

type Timer = { readonly due: number; readonly run: () => void };
/** Certificates of the nodes are valid for a day. */
const BEHIND_MS = 12 * 3_600_000;

/**
 * A clock that stands until it is told how far to go. Starts half a day ago, so that certificates of the simulated
 * future are valid for the clients of now.
 */
export class SteppedClock implements Clock {
  #now: number;
  readonly #timers = new Set<Timer>();

  constructor(startsAt = Date.now() - BEHIND_MS) {
    this.#now = startsAt;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { due: this.#now + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Everything due until then happens in its order, at its time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#first(end); next; next = this.#first(end)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.due);
      next.run();
    }
    this.#now = end;
  }

  #first(until: number): Timer | undefined {
    let found: Timer | undefined;
    for (const timer of this.#timers) if (timer.due <= until && timer.due < (found?.due ?? Infinity)) found = timer;
    return found;
  }
}
