import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

/**
 * `npm run crashpoints [-- --actions a,b] [--sample N] [--seed S]`: without any of them every point of every action.
 * `--sample`: per story N points beside those around the calls that change a node.
 */
const { values } = parseArgs({
  options: { actions: { type: 'string' }, sample: { type: 'string' }, seed: { type: 'string' } },
});
// biome-ignore lint/style/noProcessEnv: handed on as it is
const inherited = process.env;
const env = {
  ...inherited,
  MEDIC_CRASH_ACTIONS: values.actions ?? '',
  MEDIC_CRASH_SAMPLE: values.sample ?? '',
  MEDIC_CRASH_SEED: values.seed ?? '1',
};
const { status } = spawnSync('vitest', ['run', '--config', 'vitest.crash.config.ts'], { stdio: 'inherit', env });
process.exitCode = status ?? 1;
