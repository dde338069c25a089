import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Ports } from './medic.ts';

/**
 * Where Medic kills itself, for tests of what survives. While the file that `MEDIC_CRASH_FILE` names is there, calls
 * over ports are counted; it holds `<port>.<method>#<n>:<when>`, the n-th call of that method, `before` it is sent,
 * once it is `sent`, or when it has been `replied` to; or `record <file>`, which writes every call there instead.
 * Once the file is gone nothing is killed any more, not even at a call that was under way.
 */
const CrashPoint = z.string().regex(/^\w{1,20}\.\w{1,40}#\d{1,6}:(?:before|sent|replied)$/);

type When = 'before' | 'sent' | 'replied';
export type Crashes = (call: string) => (when: When) => void;

/** undefined: nothing is wrapped. */
export function crashesBy(file: string | undefined): Crashes | undefined {
  if (file === undefined || file === '') return undefined;
  const counts = new Map<string, number>();
  return (call) => {
    if (!existsSync(file)) {
      counts.clear();
      return () => {};
    }
    const [order = '', log = ''] = readFileSync(file, 'utf8').split(' ');
    const n = (counts.get(call) ?? 0) + 1;
    counts.set(call, n);
    if (order === 'record') {
      appendFileSync(log, `${call}#${n}\n`);
      return () => {};
    }
    const point = CrashPoint.parse(order);
    return (when) => {
      if (point === `${call}#${n}:${when}` && existsSync(file)) process.kill(process.pid, 'SIGKILL');
    };
  };
}

/** Every request to the database is a call of its own; the store's methods are not. */
export function crashingClient(crashes: Crashes | undefined, client: DynamoDBClient): void {
  if (crashes === undefined) return;
  client.middlewareStack.add(
    (next, { commandName = 'Command' }) =>
      (args) =>
        through(crashes(`dynamo.${commandName}`), () => next(args)),
    { step: 'finalizeRequest', priority: 'low', name: 'crash' },
  );
}

export function crashingPorts(crashes: Crashes | undefined, ports: Ports): Ports {
  if (crashes === undefined) return ports;
  return {
    store: ports.store,
    blobs: wrap('blobs', ports.blobs, crashes),
    reader: wrap('reader', ports.reader, crashes),
    operator: wrap('operator', ports.operator, crashes),
    admin: wrap('admin', ports.admin, crashes),
    factory: wrap('factory', ports.factory, crashes),
    configs: wrap('configs', ports.configs, crashes),
    keys: wrap('keys', ports.keys, crashes),
    vault: wrap('vault', ports.vault, crashes),
    backups: wrap('backups', ports.backups, crashes),
    slack: wrap('slack', ports.slack, crashes),
  };
}

/** Every method that returns a promise is a call over a port; streams pass through. */
function wrap<T extends object>(port: string, target: T, crashes: Crashes): T {
  return new Proxy(target, {
    get(object, key, receiver) {
      const value: unknown = Reflect.get(object, key, receiver);
      if (typeof value !== 'function' || typeof key !== 'string' || key === 'follow') return value;
      return (...given: readonly unknown[]) =>
        through(crashes(`${port}.${key}`), () => Promise.resolve(Reflect.apply(value, object, given)));
    },
  });
}

/** What was started has left this process a moment later; which side of that moment it is makes no difference here. */
const SENT_AFTER_MS = 2;

async function through<T>(dieIf: (when: When) => void, call: () => Promise<T>): Promise<T> {
  dieIf('before');
  const sent = setTimeout(() => dieIf('sent'), SENT_AFTER_MS);
  const reply = await call();
  clearTimeout(sent);
  dieIf('sent');
  dieIf('replied');
  return reply;
}
