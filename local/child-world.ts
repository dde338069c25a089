import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A process beside Medic that leaves a file saying where it is. It outlives a Medic that was killed, on purpose. */
export type Neighbour<T> = {
  readonly name: string;
  /** Bundle in dist/, relative to this one. */
  readonly bundle: string;
  readonly folder: string;
  readonly args: readonly string[];
  /** File in the folder that it writes when it is ready. */
  readonly says: string;
  readonly parse: (text: string) => T;
  /** Does the one that the file speaks of still answer? */
  readonly isAlive: (said: T) => Promise<boolean>;
};

const READY_WITHIN_MS = 20_000;

/** They wait most of their lives: a smaller heap is worth more to them than the last speed. */
export const SMALL: readonly string[] = ['--optimize-for-size'];

/** Attaches to the one that runs, or starts one. */
export async function attachOrStart<T>(neighbour: Neighbour<T>): Promise<T> {
  const { name, folder, says, isAlive } = neighbour;
  await mkdir(folder, { recursive: true });
  const before = read(neighbour);
  if (before !== undefined && (await isAlive(before))) return before;
  rmSync(join(folder, says), { force: true });
  const log = openSync(join(folder, `${name}.log`), 'a');
  const script = fileURLToPath(new URL(neighbour.bundle, import.meta.url));
  // detached: Ctrl-C of the terminal reaches Medic alone, which then ends its neighbours in order
  const child = spawn(process.execPath, [...SMALL, script, ...neighbour.args], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  let exit: number | null | undefined;
  child.once('exit', (code) => {
    exit = code;
  });
  child.once('error', () => {
    exit = 1;
  });
  const until = performance.now() + READY_WITHIN_MS;
  while (performance.now() < until && exit === undefined) {
    const said = read(neighbour);
    if (said !== undefined && (await isAlive(said))) return said;
    await wait(20);
  }
  throw new Error(`The ${name} did not start; its last words are in ${join(folder, `${name}.log`)}.`);
}

function read<T>({ folder, says, parse }: Neighbour<T>): T | undefined {
  const file = join(folder, says);
  if (!existsSync(file)) return undefined;
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // half written: read again
  }
}
