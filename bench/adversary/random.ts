/** Chance that a seed decides: the same seed, the same answers, on every machine. */
export type Random = {
  /** 0 to below 1. */
  next(): number;
  /** `least` to `most`, both included. */
  int(least: number, most: number): number;
  chance(share: number): boolean;
  /** Throws on an empty list. */
  pick<T>(from: readonly T[]): T;
  hex(length: number): string;
};

/** Mulberry32: 32 bits of state, which is plenty for a story. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    int,
    chance: (share) => next() < share,
    pick(from) {
      const found = from[int(0, from.length - 1)];
      if (found === undefined) throw new RangeError('there is nothing to pick from');
      return found;
    },
    hex: (length) => Array.from({ length }, () => int(0, 15).toString(16)).join(''),
  };
}

/** Seeds of parts: neighbours have nothing in common. */
export const seedOf = (seed: number, part: number): number =>
  Math.imul((seed ^ 0x9e3779b9) >>> 0, 0x85ebca6b) ^ Math.imul(part + 1, 0xc2b2ae35);
