import type { ActionName } from '../approvals/action-name.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { quote } from './cite.ts';
import { isWhole } from './config-patch.ts';
import type { Finding } from './finding.ts';

/** Who manages a machine, what shows it, and where its config is changed. */
type Owner = { readonly name: string; readonly shownBy: string; readonly place: string };

const CLUSTER_API = /^([a-z0-9-]+\.)*cluster\.x-k8s\.io\//;
const OMNI = /^([a-z0-9-]+\.)*omni\.sidero\.dev\//;
const IN_OMNI = 'as a config patch in Omni';
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
  if (omni !== undefined) return { name: 'Omni', shownBy: omni, place: IN_OMNI };
  const clusterApi = keys.find((key) => CLUSTER_API.test(key));
  if (clusterApi !== undefined) {
    return { name: 'Cluster API', shownBy: clusterApi, place: 'in its TalosControlPlane or TalosConfigTemplate' };
  }
  const args = readValue(readings.kernelCmdline)?.split(' ') ?? [];
  return args.some((arg) => arg.startsWith(SIDEROLINK))
    ? { name: 'Omni (or whoever serves its SideroLink)', shownBy: 'kernel argument siderolink.api', place: IN_OMNI }
    : undefined;
}

/** Remedies that write a machine config, and those that also belong to whoever manages the machine. */
const WRITES_CONFIG: ReadonlySet<ActionName> = new Set<ActionName>(['apply_config', 'restore_config']);
const BELONGS_TO_OWNER: ReadonlySet<ActionName> = new Set<ActionName>([...WRITES_CONFIG, 'upgrade', 'rollback']);

/**
 * Adds the patch to the advice. Of a machine that somebody manages the finding says where the change belongs, and no
 * change of its config is offered: the only place that looks at owners, for all playbooks.
 */
export function heedOwner(evidence: Evidence): (finding: Finding) => Finding {
  const owner = ownerOf(evidence);
  return ({ patch, ...finding }) => {
    const belongs = patch !== undefined || finding.suggests.some((remedy) => BELONGS_TO_OWNER.has(remedy));
    const where =
      owner === undefined || !belongs
        ? undefined
        : `${owner.name} manages this machine (${quote(owner.shownBy)}), so change it there (the config ${owner.place}) and not on the node.`;
    const texts = [finding.advice, where, patch && `Patch: ${patch}`].filter((text) => text !== undefined);
    const isOffered = where === undefined && patch !== undefined && isWhole(patch);
    return {
      ...finding,
      ...(isOffered ? { parameters: { ...finding.parameters, apply_config: { patch } } } : {}),
      ...(texts.length > 0 ? { advice: texts.join(' ') } : {}),
      ...(where === undefined ? {} : { suggests: finding.suggests.filter((remedy) => !WRITES_CONFIG.has(remedy)) }),
    };
  };
}
