import type { TlsPolicy } from './channel-tls.ts';
import type { ClientIdentity, ClusterAccess } from './talos.ts';

/** Two SYNs; leaves the forwarding control planes the 23 s that they need within a sweep. */
export const CONNECT_MS = 2_000;
/** A healthy node needs milliseconds. */
const HANDSHAKE_MS = 4_000;

/** The cluster's CA is demanded, and the given identity shown. */
export const verified = (access: ClusterAccess, address: string, identity: ClientIdentity): TlsPolicy => ({
  address,
  port: access.port,
  connectTimeoutMs: CONNECT_MS,
  handshakeTimeoutMs: HANDSHAKE_MS,
  identity,
  trust: { caPem: access.caPem },
});

/** Maintenance mode: no certificate of ours is ever shown, and only the node with this key is spoken to. */
export const unverified = (access: Pick<ClusterAccess, 'port'>, address: string, accept: AcceptPeer): TlsPolicy => ({
  address,
  port: access.port,
  connectTimeoutMs: CONNECT_MS,
  handshakeTimeoutMs: HANDSHAKE_MS,
  trust: { accept },
});
type AcceptPeer = Extract<TlsPolicy['trust'], { accept: unknown }>['accept'];
