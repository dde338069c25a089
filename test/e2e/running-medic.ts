import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { JournalLine, World } from '../../simulator/world.ts';

/** `npm start` as a process of its own, driven from outside only: by HTTP, as Alertmanager and people do. */
export type RunningMedic = {
  readonly address: string;
  readonly folder: string;
  readonly output: () => string;
  /** Ctrl-C. Everything ends, the data stays. */
  stop(): Promise<number | null>;
  /** `kill -9` of Medic alone: the simulated world stays. */
  kill(): Promise<void>;
  /** Resolves when the process has ended by itself. */
  readonly ended: Promise<unknown>;
  readonly isAlive: () => boolean;
};

const START_MS = 30_000;
export const ALERT_TOKEN = 'alert-token-of-the-test';
export const API_TOKEN = 'api-token-of-the-test';

export const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'medic-e2e-'));

export async function startMedic(folder: string, env: Readonly<Record<string, string>> = {}): Promise<RunningMedic> {
  const port = Number(env['MEDIC_PORT'] ?? (await freePort()));
  const child = spawn(process.execPath, ['dist/local/start.js'], {
    env: {
      PATH: String(readEnv('PATH')),
      MEDIC_PORT: `${port}`,
      MEDIC_DATA: folder,
      MEDIC_ALERT_TOKEN: ALERT_TOKEN,
      MEDIC_API_TOKEN: API_TOKEN,
      MEDIC_CLOCK_FACTOR: '40',
      MEDIC_LOOK_AGAIN_MS: '250',
      MEDIC_SWEEP_MS: '500',
      MEDIC_PATROL_MS: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  const ended = once(child, 'exit');
  await until(
    'Medic says that it is running',
    () => output.includes('Talos Medic is running') || child.exitCode !== null,
    START_MS,
  );
  if (child.exitCode !== null) throw new Error(`Medic ended with ${child.exitCode}: ${output}`);
  return {
    address: `http://127.0.0.1:${port}`,
    folder,
    output: () => output,
    ended,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    stop: () => end(child, 'SIGINT', ended),
    kill: async () => {
      await end(child, 'SIGKILL', ended);
    },
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals, ended: Promise<unknown>): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  await ended;
  return child.exitCode;
}

// biome-ignore lint/style/noProcessEnv: the child gets the PATH of the test and nothing else of its environment
const readEnv = (name: string) => process.env[name];

/** Below the range that the system gives to outgoing connections, so that none of them takes it before Medic does. */
async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(randomInt(10_000, 30_000), '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false, // taken
    );
    const address = server.address();
    await new Promise((resolve) => server.close(resolve));
    if (isFree && address !== null && typeof address !== 'string') return address.port;
  }
}

/** Polls until it holds; fails with what was waited for. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Removes the folder and ends what an earlier Medic may have left beside it. */
export async function cleanUp(folder: string): Promise<void> {
  for (const [part, file] of [
    ['world', 'world.json'],
    ['slack', 'slack.json'],
  ] as const) {
    const place = join(folder, part, file);
    if (!existsSync(place)) continue;
    const { pid } = z.object({ pid: z.int() }).parse(JSON.parse(readFileSync(place, 'utf8')));
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it is gone already
    }
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }); // a process may just be ending
}

export const worldOf = (folder: string): World =>
  World.parse(JSON.parse(readFileSync(join(folder, 'world', 'world.json'), 'utf8')));

/** Mutating calls that reached nodes, dry runs left out. */
export function mutations(folder: string): readonly JournalLine[] {
  const file = join(folder, 'world', 'journal.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JournalLine.parse(JSON.parse(line))).filter(({ dryRun }) => !dryRun);
}
