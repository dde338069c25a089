/** Bundles `cli`, `local` and `simulator` into `dist/`, because Node 20 cannot run TypeScript. Run by npm on `prepare`. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const outdir = 'dist';
const { metafile } = await build({
  entryPoints: {
    'bench/adversary': 'bench/adversary/adversary.ts',
    'bench/eval': 'bench/eval/eval.ts',
    'cli/medic': 'cli/medic.ts',
    'local/start': 'local/start.ts',
    'simulator/nodes': 'simulator/nodes/main.ts',
    'simulator/slack': 'simulator/slack/main.ts',
  },
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  splitting: true,
  mainFields: ['module', 'main'],
  packages: 'external',
  sourcemap: true,
  metafile: true,
  logLevel: 'warning',
});

// only what an earlier build left: what runs from dist/ right now stays whole
const made = new Set(Object.keys(metafile.outputs).map((file) => resolve(file)));
for (const file of existsSync(outdir) ? readdirSync(outdir, { recursive: true, withFileTypes: true }) : []) {
  const path = resolve(join(file.parentPath, file.name));
  if (file.isFile() && !made.has(path)) rmSync(path, { force: true });
}
