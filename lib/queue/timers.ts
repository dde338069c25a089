/** Time for the in-process queue, handed in so that tests can turn it by hand. */
export interface Timers {
  nowMs(): number;
  /** Calls back once; the function returned cancels. */
  after(delayMs: number, call: () => void): () => void;
}

export const realTimers: Timers = {
  nowMs: () => performance.now(),
  after(delayMs, call) {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};
