import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { etcdView, quorumOf } from '../safety/quorum.ts';

/** Second line of the card: can it wait? Says only what was read. `openNodes`: nodes of the cluster with an open incident. */
export function urgencyOf(evidence: Evidence, openNodes: number, knownNodes: number): string {
  const etcd = etcdView(evidence);
  const ready = evidence.peers.filter((peer) => {
    const status = readValue(peer.machineStatus);
    return status?.stage === 'running' && status.ready;
  }).length;
  const others = `${ready} of ${evidence.peers.length} control planes beside it ready`;
  const nodes = `${knownNodes - openNodes} of ${knownNodes} nodes without an open incident`;
  if (etcd === undefined) return `Not known: etcd is not readable. ${others}, ${nodes}.`;
  const { voters, healthy } = etcd;
  const margin = healthy.size - quorumOf(voters.length);
  const quorum = `etcd ${healthy.size} of ${voters.length} voters healthy`;
  if (margin < 0) return `No: ${quorum}, quorum is lost. ${others}, ${nodes}.`;
  if (margin === 0) return `Not long: ${quorum}, the next loss stops the cluster. ${others}, ${nodes}.`;
  return `Yes: ${quorum}, ${margin} more may fail. ${others}, ${nodes}.`;
}
