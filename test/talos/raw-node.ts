import { once } from 'node:events';
import * as net from 'node:net';
import * as grpc from '@grpc/grpc-js';
import { imageService, lifecycleService, machineChanges } from '../../lib/talos/changing-methods.ts';
import { VersionResponse } from '../../lib/talos/generated/machine/machine.ts';
import { cosiState, machineService, storageService, timeService } from '../../lib/talos/methods.ts';
import { type Cluster, nodeCertificate, PORT, running } from './fake-node.ts';

/** Frames of the reply to a call, by its path; of a unary call only the first. */
export type Replies = (path: string) => Iterable<Buffer>;

/** A node in which somebody hostile writes every byte of every reply. */
export type RawNode = {
  replies: Replies;
  /** Paths of the streams whose reader went before their end. */
  cancelled: string[];
  readonly openSockets: () => number;
  readonly close: () => void;
};

type Service = Readonly<Record<string, { readonly path: string; readonly responseStream: boolean }>>;
const SERVICES: readonly Service[] = [
  machineService,
  machineChanges,
  cosiState,
  storageService,
  timeService,
  imageService,
  lifecycleService,
];

export async function startRawNode(cluster: Cluster, address: string): Promise<RawNode> {
  const server = new grpc.Server({ 'grpc.max_send_message_length': -1 });
  const sockets = new Set<net.Socket>();
  const injector = server.createConnectionInjector(running(nodeCertificate(cluster, address), cluster.ca));
  const listener = net.createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    injector.injectConnection(socket);
  });
  await new Promise<void>((resolve) => listener.listen(PORT, address, resolve));
  const node: RawNode = {
    replies: () => [],
    cancelled: [],
    openSockets: () => sockets.size,
    close: () => {
      server.forceShutdown();
      listener.close();
    },
  };
  for (const service of SERVICES) server.addService(rawly(service), handlers(node, service));
  return node;
}

const asBytes = (bytes: Buffer) => bytes;
const rawly = (service: Service): grpc.ServiceDefinition =>
  Object.fromEntries(
    Object.entries(service).map(([name, { path, responseStream }]) => [
      name,
      {
        path,
        requestStream: false,
        responseStream,
        requestSerialize: asBytes,
        requestDeserialize: asBytes,
        responseSerialize: asBytes,
        responseDeserialize: asBytes,
      },
    ]),
  );
const handlers = (node: RawNode, service: Service): grpc.UntypedServiceImplementation =>
  Object.fromEntries(
    Object.entries(service).map(([name, { path, responseStream }]) => [
      name,
      responseStream ? streams(node, path) : answers(node, path),
    ]),
  );
const answers = (node: RawNode, path: string) => (_call: unknown, reply: grpc.sendUnaryData<Buffer>) => {
  const [first = Buffer.alloc(0)] = node.replies(path);
  reply(null, first);
};
const streams = (node: RawNode, path: string) => async (call: grpc.ServerWritableStream<Buffer, Buffer>) => {
  const gone = once(call, 'cancelled').then(() => node.cancelled.push(path));
  for (const frame of node.replies(path)) {
    if (call.cancelled) return;
    const isFull = !call.write(frame);
    if (isFull && !call.cancelled) await Promise.race([once(call, 'drain'), gone]);
    else await new Promise((resolve) => setImmediate(resolve));
  }
  call.end();
};

export const encoded = (message: { finish(): Uint8Array }) => Buffer.from(message.finish());
export const versionReply = encoded(
  VersionResponse.encode({
    messages: [
      {
        metadata: undefined,
        version: { tag: 'v1.14.0', sha: '', built: '', goVersion: '', os: 'linux', arch: 'amd64' },
        platform: { name: 'metal', mode: 'metal' },
        features: undefined,
      },
    ],
  }),
);
/** The node says its version, and these to everything else; nothing where they say nothing. */
export const besides =
  (own: (path: string) => Iterable<Buffer> | undefined): Replies =>
  (path) =>
    path.endsWith('/Version') ? [versionReply] : (own(path) ?? []);
