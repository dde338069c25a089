import { X509Certificate } from 'node:crypto';
import * as net from 'node:net';
import * as tls from 'node:tls';
import * as grpc from '@grpc/grpc-js';
import { openSslKey } from './open-ssl-key.ts';
import type { ClientIdentity } from './talos.ts';

export type TlsPolicy = {
  /** An IP address: names are never dialled. */
  readonly address: string;
  readonly port: number;
  readonly connectTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  readonly identity?: ClientIdentity;
  /** CAs in PEM, or a look at the unverified certificate (maintenance mode): true lets this one channel pass. */
  readonly trust: { readonly caPem: string } | { readonly accept: (peer: X509Certificate) => boolean };
};

/** Our own refusals, with a `code` like those of Node, so that one table classifies both. */
export class DialError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * TLS for one channel. grpc-js dials and shakes hands without any timeout and leaves such sockets open after `close()`;
 * this class dials with deadlines of its own, keeps the peer's certificate and the real error, and closes everything.
 * It overrides underscore methods of grpc-js, which is why that package is pinned exactly.
 */
export class ChannelTls extends grpc.ChannelCredentials {
  peer: X509Certificate | undefined;
  /** The first error of any socket: later ones only follow from it. */
  lastError: Error | undefined;
  /** The handshake was done and the server trusted at least once. Our certificate may still be refused after it. */
  isEstablished = false;
  #isClosed = false;
  readonly #sockets = new Set<net.Socket>();
  readonly #policy: TlsPolicy;

  constructor(policy: TlsPolicy) {
    super();
    this.#policy = policy;
  }

  /** Destroys what `Client.close()` leaves behind: sockets that are still connecting or shaking hands. */
  close(): void {
    this.#isClosed = true; // grpc-js may dial once more, when its back-off ends
    // TLS before the TCP beneath it: the other way round Node 20 reads freed memory (SIGSEGV in TLSWrap::ClearOut)
    for (const socket of [...this.#sockets].reverse()) socket.destroy();
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: grpc.ChannelCredentials): boolean {
    return this === other; // never share a connection with another policy
  }

  override _createSecureConnector(_target: unknown, _options: unknown, perCall?: grpc.CallCredentials) {
    return {
      getCallCredentials: () => perCall ?? grpc.CallCredentials.createEmpty(),
      destroy: () => {},
      waitForReady: () => this.#knock(),
      connect: (tcp: net.Socket) => this.#handshake(tcp),
    } satisfies grpc.experimental.SecureConnector;
  }

  /** The dial of grpc-js cannot be stopped, so a short one of our own goes first. */
  #knock(): Promise<void> {
    const { address, port, connectTimeoutMs } = this.#policy;
    if (this.#isClosed) return Promise.reject(new DialError('ECONNABORTED', 'the channel is closed'));
    return new Promise((resolve, reject) => {
      const socket = this.#track(net.connect({ host: address, port }));
      const slow = setTimeout(() => {
        socket.destroy(new DialError('ETIMEDOUT', `no TCP answer within ${connectTimeoutMs} ms`));
      }, connectTimeoutMs);
      socket.once('connect', () => {
        resolve();
        socket.destroy();
      });
      socket.once('error', reject);
      socket.once('close', () => {
        clearTimeout(slow);
        reject(this.lastError ?? new DialError('ECONNRESET', 'closed while connecting'));
      });
    });
  }

  /**
   * A server that is not trusted is left in the same turn in which its certificate is known. With TLS 1.3 ours has not
   * left the machine by then (with TLS 1.2 it would have), which test/talos/shown-certificate.test.ts watches over.
   */
  #handshake(tcp: net.Socket): Promise<{ socket: net.Socket; secure: boolean }> {
    const { address, identity, trust, handshakeTimeoutMs } = this.#policy;
    this.#track(tcp);
    return new Promise((resolve, reject) => {
      const socket = tls.connect({
        socket: tcp,
        host: address, // the name that is checked; without it Node checks 'localhost'
        ...('caPem' in trust ? { ca: trust.caPem } : {}),
        ...(identity === undefined ? {} : { cert: identity.certPem, key: openSslKey(identity.keyPem) }),
        ALPNProtocols: ['h2'],
        minVersion: 'TLSv1.3',
        rejectUnauthorized: false, // decided below, where the certificate can be kept
      });
      this.#track(socket);
      const slow = setTimeout(() => {
        socket.destroy(new DialError('HANDSHAKE_TIMEOUT', `no TLS handshake within ${handshakeTimeoutMs} ms`));
      }, handshakeTimeoutMs);
      socket.once('error', reject);
      socket.once('close', () => {
        clearTimeout(slow);
        reject(this.lastError ?? new DialError('ECONNRESET', 'closed during the TLS handshake'));
      });
      socket.once('secureConnect', () => {
        clearTimeout(slow);
        this.peer = socket.getPeerX509Certificate(); // once only: a second call returns undefined
        const refusal = this.#refusalOf(socket);
        if (refusal !== undefined) return void socket.destroy(refusal);
        this.isEstablished = true;
        resolve({ socket, secure: true });
      });
    });
  }

  #refusalOf(socket: tls.TLSSocket): DialError | undefined {
    const { trust } = this.#policy;
    if (this.peer === undefined) return new DialError('NO_SERVER_CERTIFICATE', 'the server showed no certificate');
    if ('accept' in trust) {
      return trust.accept(this.peer) ? undefined : new DialError('SPKI_MISMATCH', 'the server has another key');
    }
    if (socket.authorized) return undefined;
    const reason: unknown = socket.authorizationError;
    const code = reason instanceof Error && 'code' in reason ? String(reason.code) : String(reason);
    return new DialError(code, `server certificate refused: ${code}`);
  }

  #track<S extends net.Socket>(socket: S): S {
    this.#sockets.add(socket);
    socket.on('error', (error) => {
      this.lastError ??= error; // also catches the alert that follows the handshake
    });
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}

/** Whether one of the CAs in `caPem` signed the certificate, whatever its dates and names say. */
export function isSignedBy(certificate: X509Certificate, caPem: string): boolean {
  const blocks = caPem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.some((pem) => {
    try {
      return certificate.verify(new X509Certificate(pem).publicKey);
    } catch {
      return false; // a key of another kind, or no certificate at all
    }
  });
}
