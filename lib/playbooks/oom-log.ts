import type { Evidence } from '../evidence/evidence.ts';
import { fieldOf, kernelSays, type Repeated, repeated, talosSays } from './log-lines.ts';

/** Who ran out of memory, and who ended what for it, by the kernel log of this boot. */

/**
 * Printed forms: `apid invoked oom-killer: gfp_mask=…`, `oom-kill:constraint=CONSTRAINT_MEMCG,…,task=apid,pid=…`,
 * `Memory cgroup out of memory: Killed process 812 (apid) total-vm:…`, and without `Memory cgroup` when the node itself
 * has run out. Source: Linux, mm/oom_kill.c.
 */
const INVOKED = /^(.{1,32}) invoked oom-killer: /;
const IN_CGROUP = /^Memory cgroup out of memory: Killed process \d+ \((.{1,32}?)\)/;
const OF_NODE = /^Out of memory: Killed process \d+ \((.{1,32}?)\)/;

export type KernelKills = { readonly lines: Repeated; readonly killed: readonly string[] };

/** Processes that the kernel killed: because the node has no memory left, or because a limit of their own was reached. */
export const killsForNode = (evidence: Evidence): KernelKills | undefined => killsBy(evidence, OF_NODE);
export const killsForLimit = (evidence: Evidence): KernelKills | undefined => killsBy(evidence, IN_CGROUP);

function killsBy(evidence: Evidence, pattern: RegExp): KernelKills | undefined {
  const says = kernelSays(evidence);
  const lines = repeated(says, (message) => pattern.test(message));
  const names = says.flatMap(({ message }) => pattern.exec(message)?.[1] ?? []);
  return lines && { lines, killed: [...new Set(names)] };
}

/** Talos protects its own programs, which nearly no pod does. Source: pkg/machinery/constants, `ApidOOMScoreAdj` and others. */
const PROTECTED = /oom_score_adj[=:]-\d/;

/** How often a program of Talos ran out of memory: it called for the OOM killer, or was killed in its own group. */
export const calledFor = (evidence: Evidence, command: string): Repeated | undefined =>
  repeated(
    kernelSays(evidence),
    (message) =>
      PROTECTED.test(message) && (INVOKED.exec(message)?.[1] === command || IN_CGROUP.exec(message)?.[1] === command),
  );

export const hasKernelKills = (evidence: Evidence): boolean =>
  kernelSays(evidence).some(({ message }) => INVOKED.test(message) || IN_CGROUP.test(message) || OF_NODE.test(message));

/** Printed form: `[talos] Sending SIGKILL to cgroup {… "controller": "runtime.OOMController", "cgroup": "/sys/fs/cgroup/kubepods/…"}`. */
const SENDING = 'Sending SIGKILL to cgroup';
const CONTROLLER = 'runtime.OOMController';
const OF_PODS = '/kubepods/';

export function controllerKills(
  evidence: Evidence,
): { readonly lines: Repeated; readonly groups: readonly string[] } | undefined {
  const kills = talosSays(evidence).filter(
    ({ message }) =>
      message.includes(SENDING) &&
      fieldOf(message, 'controller') === CONTROLLER &&
      fieldOf(message, 'cgroup')?.includes(OF_PODS) === true,
  );
  const lines = repeated(kills, () => true);
  const groups = kills.flatMap(({ message }) => fieldOf(message, 'cgroup')?.split('/').at(-1) ?? []);
  return lines && { lines, groups: [...new Set(groups)] };
}
