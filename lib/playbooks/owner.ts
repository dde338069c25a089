import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { quote } from './cite.ts';

/** Who manages a machine, and what shows it. */
type Owner = { readonly name: string; readonly shownBy: string };

const CLUSTER_API = /^([a-z0-9-]+\.)*cluster\.x-k8s\.io\//;
const OMNI = /^([a-z0-9-]+\.)*omni\.sidero\.dev\//;
/** Kernel argument by which a machine reports to Omni or to another SideroLink server. */
const SIDEROLINK = 'siderolink.api=';

/**
 * Whoever manages the machine writes its config again, so a change made on the node does not last. undefined: nothing
 * shows an owner, which is no proof that there is none (kernel arguments can be read since Talos 1.11 only).
 */
function ownerOf({ readings }: Evidence): Owner | undefined {
  const node = readValue(readings.nodeStatus);
  const keys = [...Object.keys(node?.annotations ?? {}), ...Object.keys(node?.labels ?? {})];
  const omni = keys.find((key) => OMNI.test(key));
  if (omni !== undefined) return { name: 'Omni', shownBy: omni };
  const clusterApi = keys.find((key) => CLUSTER_API.test(key));
  if (clusterApi !== undefined) return { name: 'Cluster API', shownBy: clusterApi };
  const args = readValue(readings.kernelCmdline)?.split(' ') ?? [];
  return args.some((arg) => arg.startsWith(SIDEROLINK))
    ? { name: 'Omni (or whoever serves its SideroLink)', shownBy: 'kernel argument siderolink.api' }
    : undefined;
}

/** A sentence to go behind an advice that changes the machine config; empty where no owner is seen. */
export function whereConfigBelongs(evidence: Evidence): string {
  const owner = ownerOf(evidence);
  return owner === undefined
    ? ''
    : ` ${owner.name} manages this machine (${quote(owner.shownBy)}), so the config is changed there and not on the node.`;
}
