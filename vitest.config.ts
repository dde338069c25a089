import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Pure rooms share one worker; files that bind ports or start children get a process of their own. */
const ports = ['test/{talos,simulator,store,local,flow,slack-local,cli,e2e,contract}/**/*.test.ts'];

export default defineConfig({
  test: {
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    // the tests wait for ports and deadlines more than they compute
    maxWorkers: Math.max(4, availableParallelism()),
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          testTimeout: 30_000,
          include: ['test/**/*.test.ts'],
          exclude: [...ports, 'test/{browser,crash}/**'],
          pool: 'threads',
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'ports',
          include: ports,
          globalSetup: 'test/build-first.ts',
          pool: 'forks',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
