import { defineConfig } from 'vitest/config';

/** Needs Chromium (Debian: `apt-get install chromium fonts-noto-color-emoji`), found as test/browser/chromium.ts says. */
export default defineConfig({
  test: {
    name: 'browser',
    include: ['test/browser/**/*.test.ts'],
    globalSetup: 'test/build-first.ts',
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
