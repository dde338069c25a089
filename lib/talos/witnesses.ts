import type { PeerEvidence } from '../evidence/evidence.ts';
import { askPeer, closePeers, openPeer, othersThan, type Witnesses } from './peers.ts';
import { type Sweep, withSweep } from './sweep.ts';
import type { ClusterAccess, NodeTarget } from './talos.ts';

/** What the control planes say of a node that answers by itself serves many nodes; of all others it must be of now. */
const SERVES_MS = 30_000;
const FRESH_MS = 5_000;

export type PatrolWitnesses = {
  readonly about: (target: NodeTarget) => Witnesses;
  readonly close: () => void;
};

/** The control planes of one patrol: a connection to each for all of it, and one answer for all who ask at a time. */
export function openWitnesses(access: ClusterAccess, targets: readonly NodeTarget[], patrol: Sweep): PatrolWitnesses {
  const peers = targets.map((target) => openPeer(access, target, patrol));
  let last: { readonly atMs: number; readonly said: Promise<readonly PeerEvidence[]> } | undefined;
  const ask = (servesMs: number): Promise<readonly PeerEvidence[]> => {
    const nowMs = performance.now();
    if (last === undefined || nowMs - last.atMs > servesMs) {
      const said = withSweep(patrol.signal, (sweep) => Promise.all(peers.map((peer) => askPeer(sweep, peer))));
      last = { atMs: nowMs, said };
    }
    return last.said;
  };
  return {
    about(target) {
      const names = new Set(othersThan(target, targets).map(({ name }) => name));
      return {
        peers: peers.filter((peer) => names.has(peer.target.name)),
        ask: async (isReached) => {
          const said = await ask(isReached && target.role === 'worker' ? SERVES_MS : FRESH_MS);
          return said.filter(({ node }) => names.has(node));
        },
      };
    },
    close: () => closePeers(peers),
  };
}
