import { defineConfig } from 'vitest/config';

/** Kills Medic at every call that changes something between approval and verdict: minutes, so it is a command of its own. */
export default defineConfig({
  test: {
    name: 'crash',
    include: ['test/crash/**/*.test.ts'],
    globalSetup: 'test/build-first.ts',
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    pool: 'forks',
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
  },
});
