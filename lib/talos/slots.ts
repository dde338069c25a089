/** So many may hold one at a time; whoever comes later waits in line. */
export type Slots = {
  /** Resolves with the way to give it back, which may be called more than once. */
  take(): Promise<() => void>;
};

export function createSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  const give = () => {
    free += 1;
    waiting.shift()?.();
  };
  return {
    async take() {
      while (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      free -= 1;
      let isGiven = false;
      return () => {
        if (!isGiven) give();
        isGiven = true;
      };
    },
  };
}
