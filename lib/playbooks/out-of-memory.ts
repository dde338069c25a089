import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { cite, list, present, quote } from './cite.ts';
import type { Citation, Facts, Finding, Playbook } from './finding.ts';
import { isHealthy } from './healthy.ts';
import { isLately, timesText } from './log-lines.ts';
import { memoryNow, SHORT } from './memory-share.ts';
import { type KernelKills, killsForLimit, killsForNode } from './oom-log.ts';

const SHOWN = 3;
const MIB = 1024 ** 2;

/** The kernel killed processes: because the node had no memory left, or because a pod reached its own limit. */
export const outOfMemory: Playbook = {
  name: 'out-of-memory',
  diagnose(evidence, facts) {
    const forNode = killsForNode(evidence);
    const forLimit = killsForLimit(evidence);
    const pods = forLimit?.killed.filter((name) => !OF_TALOS.has(name)) ?? [];
    return present([
      forNode && ofNode(evidence, facts, forNode),
      forLimit && pods.length > 0 ? ofPods(evidence, facts, { ...forLimit, killed: pods }) : undefined,
    ]);
  },
};
/** Those have a playbook of their own: system-service-out-of-memory.ts. */
const OF_TALOS: ReadonlySet<string> = new Set([
  'apid',
  'trustd',
  'systemd-udevd',
  'dashboard',
  'kubelet',
  'etcd',
  'containerd',
]);

function ofNode(evidence: Evidence, { inventory }: Facts, { lines, killed }: KernelKills): Finding {
  const memory = memoryNow(evidence);
  const isNow = isLately(evidence, lines);
  return {
    code: 'node_out_of_memory',
    severity: isHealthy(evidence) || !isNow ? 'warning' : 'critical',
    confidence: 'certain',
    summary: `${quote(inventory?.name ?? evidence.node)} ran out of memory, and the kernel killed processes ${timesText(lines)}: ${list(killed.slice(0, SHOWN).map(quote))}${memory === undefined ? '' : `; ${memory.says} now`}.`,
    evidence: present([
      cite('kernelLog', `${timesText(lines)}: ${lines.last.message}`),
      memory && cite('memory', `${memory.says} now.`),
      largest(evidence),
    ]),
    suggests: [],
    ...(isNow ? { explains: true } : {}),
    rulesOut: [
      {
        code: 'oom_controller_kills_pods',
        because: 'The kernel killed, because nothing was left; the controller of Talos acts before that.',
      },
    ],
    advice: `${memory !== undefined && memory.share < SHORT ? 'Memory is still short. ' : ''}Give the pods that grew a memory limit or move them, and reserve memory for the system (kubelet systemReserved); a reboot frees memory only until they grow again.`,
  };
}

/** Not the node's fault, and nothing of Talos is ill. */
const ofPods = (evidence: Evidence, { inventory }: Facts, { lines, killed }: KernelKills): Finding => ({
  code: 'pod_over_memory_limit',
  severity: 'info',
  confidence: 'certain',
  summary: `On ${quote(inventory?.name ?? evidence.node)} the kernel killed ${list(killed.slice(0, SHOWN).map(quote))} ${timesText(lines)}, because ${killed.length === 1 ? 'it' : 'they'} reached the memory limit of the pod.`,
  evidence: [cite('kernelLog', `${timesText(lines)}: ${lines.last.message}`)],
  suggests: [],
  rulesOut: [{ code: 'node_out_of_memory', because: 'The limit was that of a group of processes, not of the node.' }],
  advice: 'Raise the limit of the pod, or mend what makes it grow; nothing has to be done on the node.',
});

function largest({ readings }: Evidence): Citation | undefined {
  const top = (readValue(readings.processes) ?? [])
    .toSorted((a, b) => b.residentBytes - a.residentBytes)
    .slice(0, SHOWN)
    .map(({ command, residentBytes }) => `${quote(command)} ${Math.round(residentBytes / MIB)} MiB`);
  return top.length === 0 ? undefined : cite('processes', `The largest now: ${list(top)}.`);
}
