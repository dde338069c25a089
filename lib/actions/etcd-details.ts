import type { Plan } from '../approvals/plan.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { InventoryEntry } from '../inventory/entry.ts';
import { etcdView } from '../safety/quorum.ts';

/** Before and while a control plane is away. Nothing for a worker. */
export function etcdDetails(evidence: Evidence, entry: InventoryEntry): Plan['details'] {
  const etcd = entry.role === 'controlplane' ? etcdView(evidence) : undefined;
  if (etcd === undefined) return [];
  const { voters, healthy } = etcd;
  return [
    { label: 'etcd before', text: `${healthy.size} of ${voters.length} voters healthy` },
    { label: 'etcd meanwhile', text: `${voters.length - 1} of ${voters.length} voters` },
  ];
}
