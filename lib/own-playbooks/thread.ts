import { Worker } from 'node:worker_threads';
import { err, ok, type Result } from '../result.ts';
import { workerScript } from './worker-script.ts';

/** What one playbook may take. They need milliseconds; a busy machine is given time. A sweep takes up to 25 s. */
export const TIME_LIMIT_MS = 3_000;
/** Until the thread begins: that is about the machine, not about the playbook. */
const START_LIMIT_MS = 20_000;
/** Evidence of a large node is 2 MB as JSON. */
const HEAP_MB = 128;

/**
 * Runs a compiled playbook on looks (JSON of `[evidence, facts]`) in a thread of its own, which is ended when its time is
 * up, whatever it does. A fresh thread each time: nothing is remembered from one incident to the next.
 */
export async function inThread(
  script: string,
  looks: readonly string[],
  limitMs: number,
): Promise<Result<string, string>> {
  while (running.size >= MAX_THREADS) await Promise.race(running);
  const thread = start(script, looks, limitMs);
  running.add(thread);
  return thread.finally(() => running.delete(thread));
}

/** None of them rejects. More at once would only slow each other down, and each has a time limit. */
const running = new Set<Promise<unknown>>();
const MAX_THREADS = 4;

function start(script: string, looks: readonly string[], limitMs: number): Promise<Result<string, string>> {
  return new Promise((resolve) => {
    const worker = new Worker(workerScript, {
      eval: true,
      workerData: { script, looks },
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    const end = (said: Result<string, string>): void => {
      clearTimeout(timer);
      resolve(said);
      void worker.terminate();
    };
    let timer = setTimeout(() => end(err(`its thread did not begin within ${START_LIMIT_MS} ms`)), START_LIMIT_MS);
    worker.on('message', (text: unknown) => {
      if (text !== '') return end(typeof text === 'string' ? ok(text) : err('it said no text'));
      clearTimeout(timer);
      timer = setTimeout(() => end(err(`it did not end within ${limitMs} ms`)), limitMs);
    });
    worker.once('error', (error) => end(err(reasonOf(error))));
    worker.once('exit', () => end(err('its thread ended by itself')));
  });
}

const reasonOf = (error: unknown): string => {
  const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  if (isMemory) return `it needs more than ${HEAP_MB} MB of memory`;
  return error instanceof Error ? error.message : String(error);
};
