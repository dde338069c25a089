/** Bundles `cli` and `local` into `dist/`, because Node 20 cannot run TypeScript. Run by npm on `prepare`. */
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

const entryPoints = {
  'cli/medic': 'cli/medic.ts',
  'local/start': 'local/start.ts',
  'simulator/nodes': 'simulator/nodes/main.ts',
  'simulator/slack': 'simulator/slack/main.ts',
};

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  splitting: true,
  mainFields: ['module', 'main'],
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
});
