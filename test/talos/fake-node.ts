import { randomInt } from 'node:crypto';
import * as net from 'node:net';
import * as grpc from '@grpc/grpc-js';
import { imageService, lifecycleService, machineChanges } from '../../lib/talos/changing-methods.ts';
import { cosiState, machineService, storageService, timeService } from '../../lib/talos/methods.ts';
import type { ClusterAccess, NodeTarget } from '../../lib/talos/talos.ts';
import {
  type Issued,
  issueCa,
  issueClientCertificate,
  issueNodeCertificate,
  openSslKey,
} from '../../simulator/nodes/pki.ts';

/** A few lines of gRPC server for tests of the client; how Talos behaves is the simulator's business, not this file's. */
export const PORT = 50_000;

/** Addresses of one test file: a block of its own, so that files that run at once do not meet. */
export const addressBlock = (): string => `127.${randomInt(20, 250)}.${randomInt(1, 255)}`;

export type Cluster = { readonly ca: Issued; readonly reader: Issued; readonly access: ClusterAccess };
export async function makeCluster(block: string): Promise<Cluster> {
  const ca = issueCa(Date.now());
  const reader = issueClientCertificate(ca, 'os:reader', Date.now());
  const operator = issueClientCertificate(ca, 'os:operator', Date.now());
  const admin = issueClientCertificate(ca, 'os:admin', Date.now());
  const access: ClusterAccess = {
    cluster: 'lab',
    caPem: ca.certPem,
    reader,
    operator,
    admin,
    nodeCidrs: [`${block}.0/24`],
    isSimulated: true,
    port: PORT,
  };
  return { ca, reader, access };
}

export const targetAt = (address: string, more: Partial<NodeTarget> = {}): NodeTarget => ({
  cluster: 'lab',
  name: `node-${address.split('.').at(-1)}`,
  role: 'worker',
  address,
  lastKnownVersion: undefined,
  ...more,
});

const pair = (server: Issued) => [
  { private_key: Buffer.from(openSslKey(server.keyPem)), cert_chain: Buffer.from(server.certPem) },
];
/** A running node: demands a client certificate of its cluster. */
export const running = (server: Issued, ca: Issued) =>
  grpc.ServerCredentials.createSsl(Buffer.from(ca.certPem), pair(server), true);
/** Maintenance mode up to 1.12: asks for none. */
export const maintenance = (server: Issued) => grpc.ServerCredentials.createSsl(null, pair(server), false);
/** Maintenance mode from 1.13 on: asks for one and never verifies it. */
export class AskingMaintenance extends grpc.ServerCredentials {
  constructor(server: Issued) {
    super({ requestCert: true, rejectUnauthorized: false }, { key: openSslKey(server.keyPem), cert: server.certPem });
  }
  override _equals(other: grpc.ServerCredentials): boolean {
    return this === other;
  }
}

export type Fault = 'none' | 'close' | 'reset' | 'hang' | 'not-tls' | { readonly tlsAlert: number };
type Handlers = grpc.UntypedServiceImplementation;
export type Yaml = Readonly<Record<string, readonly { readonly id: string; readonly yaml: string }[]>>;

export type FakeNode = {
  readonly address: string;
  fault: Fault;
  /** Calls that reached a handler, `machine.MachineService/Version`, in order. */
  readonly calls: string[];
  readonly openSockets: () => number;
  readonly dropAll: () => void;
  readonly close: () => Promise<void>;
};

export type Stream = grpc.ServerWritableStream<{ readonly tailEvents: number }, unknown>;
type Parts = {
  machine?: Handlers;
  storage?: Handlers;
  time?: Handlers;
  image?: Handlers;
  lifecycle?: Handlers;
  resources?: Yaml;
  watch?: (call: Stream) => void;
};

export async function startNode(
  address: string,
  credentials: grpc.ServerCredentials,
  { machine = {}, storage = {}, time = {}, image = {}, lifecycle = {}, resources = {}, watch }: Parts = {},
): Promise<FakeNode> {
  const server = new grpc.Server({
    interceptors: [
      (definition, call) => {
        node.calls.push(definition.path.slice(1));
        return new grpc.ServerInterceptingCall(call);
      },
    ],
  });
  server.addService({ ...machineService, ...machineChanges }, machine);
  server.addService(storageService, storage);
  server.addService(timeService, time);
  server.addService(imageService, image);
  server.addService(lifecycleService, lifecycle);
  server.addService(cosiState, { ...cosiHandlers(resources), ...(watch === undefined ? {} : { watch }) });
  const injector = server.createConnectionInjector(credentials);
  const sockets = new Set<net.Socket>();
  const listener = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    if (node.fault === 'none') injector.injectConnection(socket);
    else if (node.fault === 'close') socket.once('data', () => socket.destroy());
    else if (node.fault === 'reset') socket.once('data', () => socket.resetAndDestroy());
    else if (node.fault === 'hang') socket.resume();
    else if (node.fault === 'not-tls') socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    else {
      const { tlsAlert } = node.fault;
      socket.once('data', () => socket.end(Buffer.of(0x15, 3, 3, 0, 2, 2, tlsAlert)));
    }
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject).listen(PORT, address, resolve);
  });
  const dropAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const node: FakeNode = {
    address,
    fault: 'none',
    calls: [],
    openSockets: () => sockets.size,
    dropAll,
    close: async () => {
      dropAll();
      await new Promise((resolve) => listener.close(resolve));
      injector.destroy();
      server.forceShutdown();
    },
  };
  return node;
}

function cosiHandlers(resources: Yaml): Handlers {
  const wire = (namespace: string, type: string, { id, yaml }: { id: string; yaml: string }) => ({
    metadata: {
      namespace,
      type,
      id,
      version: '1',
      owner: '',
      phase: 'running',
      finalizers: [],
      labels: {},
      annotations: {},
    },
    spec: { protoSpec: new Uint8Array(), yamlSpec: yaml },
  });
  const refuse = (type: string) => ({
    code: grpc.status.PERMISSION_DENIED,
    details: `resource type "${type}" is not supported`,
  });
  return {
    get: (
      call: grpc.ServerUnaryCall<{ namespace: string; type: string; id: string }, unknown>,
      reply: grpc.sendUnaryData<unknown>,
    ) => {
      const { namespace, type, id } = call.request;
      const known = resources[type];
      if (known === undefined) return reply(refuse(type));
      const found = known.find((one) => one.id === id);
      if (found === undefined)
        return reply({ code: grpc.status.NOT_FOUND, details: `resource ${type}(${id}) doesn't exist` });
      reply(null, { resource: wire(namespace, type, found) });
    },
    list: (call: grpc.ServerWritableStream<{ namespace: string; type: string }, unknown>) => {
      const { namespace, type } = call.request;
      const known = resources[type];
      if (known === undefined) return void call.emit('error', refuse(type));
      for (const one of known) call.write({ resource: wire(namespace, type, one) });
      call.end();
    },
  };
}

type Reply = grpc.sendUnaryData<unknown>;
/** A unary handler with a fixed answer. */
export const answers = (value: unknown) => (_call: unknown, reply: Reply) => reply(null, value);
export const refuses = (code: grpc.status, details: string) => (_call: unknown, reply: Reply) =>
  reply({ code, details });
export const version = (tag: string) =>
  answers({
    messages: [
      {
        version: { tag, sha: '', built: '', goVersion: '', os: 'linux', arch: 'amd64' },
        platform: { name: 'metal', mode: 'metal' },
      },
    ],
  });
/** A stream with fixed frames that then ends. */
export const frames =
  (...values: readonly unknown[]) =>
  (call: grpc.ServerWritableStream<unknown, unknown>) => {
    for (const value of values) call.write(value);
    call.end();
  };
export const bytes = (text: string) => ({ bytes: Buffer.from(text) });
export const stage = (name: string): Yaml => ({
  'MachineStatuses.runtime.talos.dev': [
    { id: 'machine', yaml: `stage: ${name}\nstatus:\n  ready: true\n  unmetConditions: []\n` },
  ],
});

export const nodeCertificate = (cluster: Cluster, address: string): Issued =>
  issueNodeCertificate(cluster.ca, `host-${address.split('.').at(-1)}`, address, Date.now());
