import type { PeerEvidence } from '../evidence/evidence.ts';
import type { Reading } from '../evidence/reading.ts';
import { type Connection, openConnection, sourceOf } from './connection.ts';
import { mayDial } from './dial-rules.ts';
import { machineService } from './methods.ts';
import { verified } from './node-policy.ts';
import { readEtcdMembers, readEtcdStatus } from './readings/etcd.ts';
import { readVersion } from './readings/machine.ts';
import { affiliate, member } from './resources/cluster.ts';
import { nodeStatus } from './resources/kubernetes.ts';
import { MACHINE_STATUS_ID, machineStatus } from './resources/runtime.ts';
import { failedReading, resource, resources, type Sweep, takeReading } from './sweep.ts';
import type { ClusterAccess, NodeTarget } from './talos.ts';
import type { TalosError } from './talos-error.ts';

/** A control plane that is asked about another node, and through which that one may be reached. */
export type Peer = { readonly target: NodeTarget; readonly connection: Connection | TalosError };

/** Control planes that are asked about nodes, over connections that somebody else opened. */
export type Witnesses = {
  /** Through which a node may be reached. */
  readonly peers: readonly Peer[];
  /** What they say, for a node that was reached or for one that was not. */
  readonly ask: (isReached: boolean) => Promise<readonly PeerEvidence[]>;
};

export function openPeer(access: ClusterAccess, target: NodeTarget, sweep: Sweep): Peer {
  const { name, address } = target;
  const allowed = mayDial(address, access);
  if (!allowed.ok) {
    return { target, connection: { code: 'address_not_allowed', node: name, source: 'dial', text: allowed.error } };
  }
  const tls = verified(access, address, access.reader);
  return { target, connection: openConnection({ node: name, budget: sweep.budget, tls }) };
}

export async function askPeer(sweep: Sweep, { target, connection }: Peer): Promise<PeerEvidence> {
  const { name, address } = target;
  if ('code' in connection) {
    const failed = <T>(): Reading<T> => failedReading(address, connection);
    return { node: name, members: failed(), etcdMembers: failed(), etcdStatus: failed(), machineStatus: failed() };
  }
  const source = { connection, name, address };
  const [members, etcdMembers, etcdStatus, status, affiliates, nodeStatuses] = await Promise.all([
    takeReading(sweep, source, member.type, resources(member)),
    takeReading(sweep, source, sourceOf(machineService.etcdMemberList), readEtcdMembers),
    takeReading(sweep, source, sourceOf(machineService.etcdStatus), readEtcdStatus),
    takeReading(sweep, source, machineStatus.type, resource(machineStatus, MACHINE_STATUS_ID)),
    takeReading(sweep, source, affiliate.type, resources(affiliate)),
    takeReading(sweep, source, nodeStatus.type, resources(nodeStatus)),
  ]);
  return { node: name, members, etcdMembers, etcdStatus, machineStatus: status, affiliates, nodeStatuses };
}

type VersionReading = Reading<{ readonly tag: string; readonly platform: string; readonly mode: string }>;
export type Forwarding = {
  /** The first control plane through which the node answered. */
  readonly through?: { readonly peer: Peer & { readonly connection: Connection }; readonly version: VersionReading };
  /** What each control plane saw when it dialled the node, by its name. Those that a faster one made needless are left out. */
  readonly dials: ReadonlyMap<string, VersionReading>;
};

/** Asks for the version of a silent node through all control planes at once. */
export async function forwardThroughPeers(
  sweep: Sweep,
  target: NodeTarget,
  peers: readonly Peer[],
): Promise<Forwarding> {
  const found = new AbortController();
  const signal = AbortSignal.any([sweep.signal, found.signal]);
  const dials = new Map<string, VersionReading>();
  let through: Forwarding['through'];
  await Promise.all(
    peers.map(async ({ target: via, connection }) => {
      if ('code' in connection) return;
      const source = { connection, name: target.name, address: target.address, via: via.name };
      const what = sourceOf(machineService.version);
      const version = await takeReading({ ...sweep, signal }, source, what, readVersion);
      if (!version.ok && version.error.code === 'cancelled') return;
      dials.set(via.name, version);
      if (!version.ok || through !== undefined) return;
      through = { peer: { target: via, connection }, version };
      found.abort();
    }),
  );
  return through === undefined ? { dials } : { through, dials };
}

/** A node does not testify about itself. */
export const othersThan = <T extends Pick<NodeTarget, 'name' | 'address'>>(
  target: NodeTarget,
  candidates: readonly T[],
): readonly T[] => candidates.filter(({ name, address }) => name !== target.name && address !== target.address);

export function closePeers(peers: readonly Peer[]): void {
  for (const { connection } of peers) if (!('code' in connection)) connection.close();
}
