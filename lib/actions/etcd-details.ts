import type { Plan } from '../approvals/plan.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { InventoryEntry } from '../inventory/entry.ts';
import { etcdView } from '../safety/quorum.ts';

/** Before and while a control plane is away. Nothing for a worker. */
export function etcdDetails(evidence: Evidence, entry: InventoryEntry): Plan['details'] {
  const etcd = entry.role === 'controlplane' ? etcdView(evidence) : undefined;
  if (etcd === undefined) return [];
  const { voters, healthy } = etcd;
  const left = isEtcdMember(evidence) === 'no' ? voters.length : voters.length - 1;
  return [
    { label: 'etcd before', text: `${healthy.size} of ${voters.length} voters healthy` },
    { label: 'etcd meanwhile', text: `${left} of ${voters.length} voters` },
  ];
}

/** Do the voters and learners of the cluster still count the node's own member? */
export function isEtcdMember(evidence: Evidence): 'yes' | 'no' | 'unknown' {
  const { etcdStatus, etcdLocalMember } = evidence.readings;
  const own = readValue(etcdStatus)?.memberId ?? readValue(etcdLocalMember)?.memberId;
  const etcd = etcdView(evidence);
  if (own === undefined || etcd === undefined) return 'unknown';
  return [...etcd.voters, ...etcd.learners].some(({ id }) => id === own) ? 'yes' : 'no';
}
