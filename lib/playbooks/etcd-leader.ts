import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { Facts } from './finding.ts';
import { isControlPlane } from './role.ts';

/** The etcd of the node leads, by its own word, and there are others to lead instead. */
export function leadsEtcd(evidence: Evidence, facts: Facts): boolean {
  const status = readValue(evidence.readings.etcdStatus);
  const voters = (readValue(evidence.readings.etcdMembers) ?? []).filter(({ isLearner }) => !isLearner);
  const isLeader = status !== undefined && status.leader !== '0' && status.leader === status.memberId;
  return isControlPlane(evidence, facts) && isLeader && voters.length > 1;
}
