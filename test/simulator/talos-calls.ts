import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { parse } from 'yaml';
import { cosiState } from '../../lib/talos/methods.ts';
import type { World } from '../../simulator/world.ts';

/** A raw client of the simulated nodes, so that tests see what any Talos client would see. */

type Unary<Q, R> = {
  readonly path: string;
  readonly requestSerialize: (message: Q) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => R;
};
export type Seen<R> = { readonly reply: R } | { readonly code: number; readonly text: string };

export type Identity = 'reader' | 'operator' | 'admin' | 'maintenance';

type Talosconfig = { readonly context: string; readonly contexts: Record<string, Record<string, string>> };
const talosconfigs = new Map<string, Talosconfig>();
/** Every call reads the file, as talosctl does; parsing the same text again and again would only take time. */
function talosconfigOf(text: string): Talosconfig {
  const known: Talosconfig = talosconfigs.get(text) ?? parse(text);
  talosconfigs.set(text, known);
  return known;
}

function credentials(folder: string, identity: Identity): grpc.ChannelCredentials {
  if (identity === 'maintenance') {
    return grpc.credentials.createSsl(null, null, null, { rejectUnauthorized: false });
  }
  const file = talosconfigOf(readFileSync(join(folder, `talosconfig-${identity}`), 'utf8'));
  const pem = (key: string) =>
    Buffer.from(
      Buffer.from(String(file.contexts[file.context]?.[key]), 'base64')
        .toString()
        .replaceAll('ED25519 PRIVATE KEY', 'PRIVATE KEY'),
    );
  return grpc.credentials.createSsl(pem('ca'), pem('key'), pem('crt'));
}

export const addressOf = (world: World, name: string): string =>
  world.nodes.find((node) => node.name === name)?.address ?? '';

export type Talos = {
  call<Q, R>(method: Unary<Q, R>, request: Q): Promise<Seen<R>>;
  /** Frames until the stream ends or `enough` says so. */
  frames<Q, R>(method: Unary<Q, R>, request: Q, enough?: (frames: readonly R[]) => boolean): Promise<Seen<R[]>>;
  /** `yaml_spec` by id of every resource of a type. */
  list(namespace: string, type: string): Promise<Seen<Record<string, unknown>>>;
};

const DEADLINE_MS = 8_000;

export function talos(
  folder: string,
  world: World,
  name: string,
  identity: Identity,
  options: { readonly via?: string; readonly deadlineMs?: number } = {},
): Talos {
  const metadata = new grpc.Metadata();
  if (options.via !== undefined) metadata.set('node', addressOf(world, name));
  const target = `${addressOf(world, options.via ?? name)}:50000`;
  const open = () =>
    new grpc.Client(target, credentials(folder, identity), {
      'grpc.enable_retries': 0,
      'grpc.use_local_subchannel_pool': 1,
    });
  const deadline = () => ({ deadline: Date.now() + (options.deadlineMs ?? DEADLINE_MS) });
  const failed = ({ code, details }: grpc.ServiceError) => ({ code, text: details });
  const self: Talos = {
    call: (method, request) =>
      new Promise((resolve) => {
        const client = open();
        const { path, requestSerialize, responseDeserialize } = method;
        client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          metadata,
          deadline(),
          (error, reply) => {
            client.close();
            if (error) resolve(failed(error));
            else if (reply === undefined) resolve({ code: -1, text: 'no reply' });
            else resolve({ reply });
          },
        );
      }),
    frames: (method, request, enough) =>
      new Promise((resolve) => {
        const client = open();
        const { path, requestSerialize, responseDeserialize } = method;
        const stream = client.makeServerStreamRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          metadata,
          deadline(),
        );
        const seen: Parameters<NonNullable<typeof enough>>[0][number][] = [];
        stream.on('data', (frame) => {
          seen.push(frame);
          if (!enough?.(seen)) return;
          resolve({ reply: seen });
          stream.cancel();
        });
        stream.on('error', (error: grpc.ServiceError) => {
          client.close();
          resolve(failed(error));
        });
        stream.on('end', () => {
          client.close();
          resolve({ reply: seen });
        });
      }),
    async list(namespace, type) {
      const seen = await self.frames(cosiState.list, { namespace, type });
      if (!('reply' in seen)) return seen;
      const entries = seen.reply.map(({ resource }) => [resource?.metadata?.id, parse(resource?.spec?.yamlSpec ?? '')]);
      return { reply: Object.fromEntries(entries) };
    },
  };
  return self;
}

/** Asks again until the answer is as wanted; fails with the last answer after `withinMs`. */
export async function until<T>(ask: () => Promise<T>, isWanted: (value: T) => boolean, withinMs = 20_000): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const value = await ask();
    if (isWanted(value)) return value;
    if (Date.now() > end) throw new Error(`still not so after ${withinMs} ms: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
