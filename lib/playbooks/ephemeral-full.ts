import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { cite, list, present, quote } from './cite.ts';
import type { Playbook } from './finding.ts';
import { isHealthy } from './healthy.ts';
import { gib, MOSTLY_UNUSED_SHARE, shortOfSpace, systemDiskSpace } from './var-space.ts';

/** With so little left nothing of Talos or Kubernetes can write any more. Our own choice. */
const FULL_BELOW_SHARE = 0.01;
const SHOWN = 3;

/** /var is nearly full, and so is its disk: the kubelet ends pods, and in the end etcd and containerd stop. */
export const ephemeralFull: Playbook = {
  name: 'ephemeral-full',
  diagnose(evidence, { inventory }) {
    const space = shortOfSpace(evidence);
    if (space === undefined) return [];
    const disk = systemDiskSpace(evidence);
    // that one is ephemeral-not-grown.ts
    if (disk !== undefined && disk.unusedBytes >= disk.sizeBytes * MOSTLY_UNUSED_SHARE) return [];
    const fillers = largest(evidence);
    const left = `${gib(space.availableBytes)} of ${gib(space.sizeBytes)} (${Math.round(space.share * 100)} %)`;
    return [
      {
        code: 'ephemeral_full',
        severity: isHealthy(evidence) ? 'warning' : 'critical',
        confidence: disk === undefined ? 'likely' : 'certain',
        summary: `/var of ${quote(inventory?.name ?? evidence.node)} is nearly full: ${left} are left${fillers.length > 0 ? `; most is in ${list(fillers.map(({ path }) => quote(path)))}` : ''}.`,
        evidence: present([
          cite('mounts', `/var has ${left} left.`),
          fillers.length > 0
            ? cite('diskUsage', `Largest: ${list(fillers.map(({ path, sizeBytes }) => `${path} ${gib(sizeBytes)}`))}.`)
            : undefined,
          disk &&
            cite(
              'disks',
              `${disk.disk} has ${gib(disk.sizeBytes)}, of which ${gib(disk.unusedBytes)} are in no partition.`,
            ),
        ]),
        suggests: [],
        ...(space.share < FULL_BELOW_SHARE ? { explains: true } : {}),
        rulesOut:
          disk === undefined
            ? []
            : [
                {
                  code: 'ephemeral_not_grown',
                  because: `Only ${gib(disk.unusedBytes)} of the disk are in no partition.`,
                },
              ],
        advice:
          'Remove what fills it (data of pods under /var, old local volumes, large logs) or give the node a larger disk; unused images the kubelet removes itself. A wipe of EPHEMERAL would take all local data, and on a control plane etcd, so it is no way to make room.',
      },
    ];
  },
};

/** The folders that say most: not those that only hold another one of them. */
function largest({ readings }: Evidence): readonly { readonly path: string; readonly sizeBytes: number }[] {
  const folders = readValue(readings.diskUsage) ?? [];
  return folders
    .filter(({ path }) => path !== '/var' && !folders.some((other) => other.path.startsWith(`${path}/`)))
    .toSorted((a, b) => b.sizeBytes - a.sizeBytes)
    .slice(0, SHOWN);
}
