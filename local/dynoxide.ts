import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoClient } from '../lib/store/client.ts';

/**
 * Ends the database when our end of stdin closes, which the kernel does even after `kill -9` of this process.
 * Says the database's process id first. (A background job of sh gets /dev/null as stdin, hence descriptor 3.)
 */
const GUARD = `exec 3<&0; "$@" </dev/null 3<&- >&2 & db=$!; echo "$db"; trap 'kill $db' TERM INT
(cat <&3 >/dev/null; kill $db 2>/dev/null) >/dev/null & wait $db; code=$?; kill $! 2>/dev/null; exit $code`;

const START_LIMIT_MS = 10_000;
/** Deaths in a row, each within a minute of its start, after which restarting is given up. */
const MAX_RESTARTS = 8;

export type LocalDynamo = {
  readonly endpoint: string;
  /** Process id of the database that runs now. */
  pid(): number;
  /** Resolves when the database has ended; its file is complete after every acknowledged write anyway. */
  stop(): Promise<void>;
};
type Child = { readonly process: ChildProcess; readonly pid: number; readonly exited: Promise<unknown> };

/**
 * The embedded DynamoDB on a free port of 127.0.0.1, with one file. When it dies by itself it is started again on the
 * same file and port, so that clients reconnect. `log` hears about deaths; `onGivenUp` that restarting was given up.
 */
export async function startDynoxide(options: {
  readonly dbPath: string;
  readonly log?: (line: string) => void;
  readonly onGivenUp?: (reason: string) => void;
}): Promise<LocalDynamo> {
  const { dbPath, log = () => {}, onGivenUp = () => {} } = options;
  const binary = dynoxideBinary();
  const { args, endpoint, child: first } = await startOnFreePort([binary, 'serve', '--db-path', dbPath]);
  let child = first;
  let stopping = false;

  const supervised = (async () => {
    let deaths = 0;
    for (;;) {
      const startedAt = performance.now();
      await child.exited;
      if (stopping) return;
      deaths = performance.now() - startedAt > 60_000 ? 1 : deaths + 1;
      log(`the local database ended by itself (${describeExit(child.process)}), starting it again`);
      while (!stopping) {
        if (deaths > MAX_RESTARTS) return onGivenUp(`the local database ended ${deaths} times in a row`);
        await sleep(Math.min(2000, 20 * 2 ** (deaths - 1)));
        try {
          child = await start(args, endpoint);
          break;
        } catch (error) {
          deaths += 1;
          log(error instanceof Error ? error.message : String(error));
        }
      }
      if (stopping) return;
    }
  })();

  return {
    endpoint,
    pid: () => child.pid,
    async stop() {
      stopping = true;
      child.process.stdin?.end();
      await child.exited;
      await supervised;
      child.process.stdin?.end(); // one that was just being started
      await child.exited;
    },
  };
}

/** A client for dynoxide, which accepts any credentials. */
export const localDynamoClient = (endpoint: string): DynamoDBClient =>
  dynamoClient({ endpoint, region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });

function dynoxideBinary(): string {
  try {
    return fileURLToPath(import.meta.resolve('@dynoxide/linux-x64/dynoxide'));
  } catch (error) {
    throw new Error(
      'The embedded database is not installed: npm has it for Linux x64 only. Start a DynamoDB of your own (for ' +
        'example amazon/dynamodb-local) and set DYNAMODB_ENDPOINT to its address.',
      { cause: error },
    );
  }
}

type Started = { readonly args: readonly string[]; readonly endpoint: string; readonly child: Child };
const PORT_TRIES = 5;

/** `--port 0` does not tell which port it took, so one is chosen; somebody else may take it before the database does. */
async function startOnFreePort(command: readonly string[]): Promise<Started> {
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const args = [...command, '--host', '127.0.0.1', '--port', String(port)];
    try {
      return { args, endpoint, child: await start(args, endpoint) };
    } catch (error) {
      if (tries === PORT_TRIES || !String(error).includes('already in use')) throw error;
    }
  }
}

async function start(args: readonly string[], endpoint: string): Promise<Child> {
  const child = spawn('sh', ['-c', GUARD, 'guard', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => {}); // it ended before we closed its stdin
  const exited = once(child, 'exit').then(() => child.stdin.destroy());
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = (said + String(chunk)).slice(-2000);
  });
  const [firstLine] = await Promise.race([once(child.stdout, 'data'), exited.then(() => [''])]);
  child.stdout.resume();
  const until = performance.now() + START_LIMIT_MS;
  while (!(await answers(endpoint))) {
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > until) {
      child.stdin.end();
      await exited;
      throw new Error(`The local database did not start (${describeExit(child)}): ${said.trim()}`);
    }
    await sleep(3);
  }
  return { process: child, pid: Number(String(firstLine).trim()), exited };
}

const describeExit = ({ exitCode, signalCode }: ChildProcess): string =>
  exitCode === null ? `signal ${signalCode}` : `exit code ${exitCode}`;

async function answers(endpoint: string): Promise<boolean> {
  try {
    const reply = await fetch(endpoint, { signal: AbortSignal.timeout(1000) });
    await reply.arrayBuffer();
    return true;
  } catch {
    return false; // not listening yet
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port was assigned');
  return address.port;
}
