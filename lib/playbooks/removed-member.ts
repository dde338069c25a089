import type { Evidence } from '../evidence/evidence.ts';
import { etcdLines, etcdService, isEtcdServing } from './etcd-service.ts';

/** What etcd writes when the others have removed its member, before it ends without an error. As in siderolabs/omni#750. */
const REMOVED = 'the member has been permanently removed from the cluster';

/**
 * The line of etcd that says it, while etcd does not serve. undefined: none is read, or etcd serves again; a service that
 * could not be read may serve.
 */
export function removedLine(evidence: Evidence): string | undefined {
  const service = etcdService(evidence);
  if (service !== undefined && isEtcdServing(service) && service.health === 'healthy') return undefined;
  return etcdLines(evidence).findLast(({ text }) => text.includes(REMOVED))?.text;
}
