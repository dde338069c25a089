import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Tests that start Medic as a process run `dist/`: it is built from what is there now. */
export async function setup(): Promise<void> {
  await promisify(execFile)(process.execPath, ['infra/build.mjs']);
}
