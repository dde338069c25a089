import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { err, ok, type Result } from '../lib/result.ts';

/**
 * One Medic per data folder. The lock is a listening local socket: the kernel frees it whatever ends the process, so it
 * can be neither stale nor forgotten. On Linux it has no file (abstract name); elsewhere a file that is replaced when
 * nobody answers on it.
 */
export async function holdFolder(folder: string): Promise<Result<{ release(): void }, string>> {
  const path = socketPath(realpathSync(folder));
  const first = await listen(path);
  if (first !== undefined) return ok({ release: () => first.close() });
  const isAlive = await answers(path);
  return err(
    isAlive
      ? `Talos Medic already runs on ${folder}. Stop it first, or give this one another folder: MEDIC_DATA=<folder>.`
      : `The lock of ${folder} cannot be taken (${path}). Remove it if no Talos Medic runs there.`,
  );
}

function socketPath(folder: string): string {
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 32);
  return process.platform === 'linux' ? `\0talos-medic-${id}` : join(folder, 'medic.sock');
}

function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once('error', () => resolve(undefined));
    server.listen(path, () => resolve(server));
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
