import { defineConfig } from 'vitest/config';

/** Prints figures, and asserts none but ratios within one run: absolute times say little on a shared machine. */
export default defineConfig({
  test: {
    name: 'bench',
    include: ['bench/**/*.bench.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
