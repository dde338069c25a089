import * as net from 'node:net';
import type * as grpc from '@grpc/grpc-js';

type Injector = ReturnType<grpc.Server['createConnectionInjector']>;

/** What stands in front of the gRPC server: `refused` closes the port, `silent` takes connections and says nothing. */
export type PortMode = 'open' | 'refused' | 'silent';

/** One node's port. Faults and reboots happen here, without binding the gRPC server again. */
export class NodePort {
  readonly #makeServer: () => grpc.Server;
  #server: grpc.Server | undefined;
  readonly #address: string;
  #port: number;
  #mode: PortMode = 'refused';
  #credentials: (() => grpc.ServerCredentials | undefined) | undefined;
  #injector: Injector | undefined;
  #listener: net.Server | undefined;
  readonly #sockets = new Set<net.Socket>();

  /** The server is made when somebody comes, as the credentials are: of many nodes few are asked. */
  constructor(makeServer: () => grpc.Server, address: string, port: number) {
    this.#makeServer = makeServer;
    this.#address = address;
    this.#port = port;
  }

  get port(): number {
    return this.#port;
  }

  /** Takes the port; port 0 takes any, and keeps it. Rejects as `listen` does. */
  bind(): Promise<void> {
    return new Promise((resolve, reject) => {
      const listener = net.createServer((socket) => this.#accept(socket));
      listener.once('error', reject).listen({ host: this.#address, port: this.#port }, () => {
        const bound = listener.address();
        if (bound !== null && typeof bound === 'object') this.#port = bound.port;
        listener.removeListener('error', reject);
        listener.on('error', () => {});
        this.#listener = listener;
        resolve();
      });
    });
  }

  /** Drops every connection: the client sees 14 `Connection dropped`, as at a real reboot. */
  dropAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Another mode or other credentials: who is connected is dropped. Without credentials nobody is let in. */
  async become(mode: PortMode, credentials?: () => grpc.ServerCredentials | undefined): Promise<void> {
    this.#mode = mode;
    this.dropAll();
    this.#forgetInjector();
    this.#credentials = credentials;
    if (mode === 'refused') await this.#unbind();
    else if (this.#listener === undefined) await this.bind();
  }

  async close(): Promise<void> {
    this.dropAll();
    await this.#unbind();
    this.#forgetInjector();
    this.#server?.forceShutdown();
  }

  async #unbind(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener) await new Promise((resolve) => listener.close(resolve));
  }

  #accept(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {}).once('close', () => this.#sockets.delete(socket));
    if (this.#mode !== 'open') {
      socket.resume();
      return;
    }
    this.#injector ??= this.#makeInjector();
    if (this.#injector) this.#injector.injectConnection(socket);
    else socket.destroy();
  }

  #makeInjector(): Injector | undefined {
    const credentials = this.#credentials?.();
    if (credentials === undefined) return undefined;
    this.#server ??= this.#makeServer();
    return this.#server.createConnectionInjector(credentials);
  }

  #forgetInjector(): void {
    this.#injector?.destroy();
    this.#injector = undefined;
  }
}
