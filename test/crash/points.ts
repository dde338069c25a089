/** A point as local/crash-ports.ts has it, or `held`: the node takes the call, never answers, and Medic is killed then. */
export type Point = string;

/** Calls after which a node is another one than before. */
const CHANGES = /^(?:operator|admin)\.(?!readConfig|etcdSnapshot)/;

/** Every point of a recorded run. */
export const pointsOf = (calls: readonly string[]): readonly Point[] => [
  'held',
  ...calls.flatMap((call) => ['before', 'sent', 'replied'].map((when) => `${call}:${when}`)),
];

/** Those around the calls that change a node, and `more` of the others, the same ones for the same seed. */
export function sampled(points: readonly Point[], more: number, seed: number): readonly Point[] {
  const isFixed = (point: Point) => point === 'held' || CHANGES.test(point);
  const others = points.filter((point) => !isFixed(point));
  const random = randomOf(seed);
  const chosen = new Set<Point>();
  while (chosen.size < Math.min(more, others.length)) {
    chosen.add(others[Math.floor(random() * others.length)] ?? '');
  }
  return points.filter((point) => isFixed(point) || chosen.has(point));
}

/** Mulberry32: from 0 up to 1. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
