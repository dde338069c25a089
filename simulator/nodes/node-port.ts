import * as net from 'node:net';
import type * as grpc from '@grpc/grpc-js';

type Injector = ReturnType<grpc.Server['createConnectionInjector']>;

/** What stands in front of the gRPC server: `refused` closes the port, `silent` takes connections and says nothing. */
export type PortMode = 'open' | 'refused' | 'silent';

/** One node's port. Faults and reboots happen here, without binding the gRPC server again. */
export class NodePort {
  readonly #server: grpc.Server;
  readonly #address: string;
  #port: number;
  #mode: PortMode = 'refused';
  #entrance: (() => Promise<Injector>) | undefined;
  #injector: Promise<Injector> | undefined;
  #listener: net.Server | undefined;
  readonly #sockets = new Set<net.Socket>();

  constructor(server: grpc.Server, address: string, port: number) {
    this.#server = server;
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

  /** Another mode or other credentials: who is connected is dropped. The first who comes waits until they are made. */
  async become(mode: PortMode, credentials?: () => Promise<grpc.ServerCredentials>): Promise<void> {
    this.#mode = mode;
    this.dropAll();
    this.#forgetInjector();
    this.#entrance = credentials && (async () => this.#server.createConnectionInjector(await credentials()));
    if (mode === 'refused') await this.#unbind();
    else if (this.#listener === undefined) await this.bind();
  }

  async close(): Promise<void> {
    this.dropAll();
    await this.#unbind();
    this.#forgetInjector();
    this.#server.forceShutdown();
  }

  async #unbind(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener) await new Promise((resolve) => listener.close(resolve));
  }

  #accept(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {}).once('close', () => this.#sockets.delete(socket));
    if (this.#mode !== 'open' || this.#entrance === undefined) {
      socket.resume();
      return;
    }
    this.#injector ??= this.#entrance();
    const injector = this.#injector;
    injector.then(
      (made) => (this.#injector === injector ? made.injectConnection(socket) : socket.destroy()),
      () => {
        if (this.#injector === injector) this.#injector = undefined; // who comes next tries again
        socket.destroy();
      },
    );
  }

  #forgetInjector(): void {
    this.#injector?.then((made) => made.destroy()).catch(() => {});
    this.#injector = undefined;
  }
}
