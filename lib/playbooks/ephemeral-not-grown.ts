import { cite, present, quote } from './cite.ts';
import { GROW_EPHEMERAL } from './config-patch.ts';
import type { Playbook } from './finding.ts';
import { isHealthy } from './healthy.ts';
import { kernelSays, repeated } from './log-lines.ts';
import { gib, MOSTLY_UNUSED_SHARE, shortOfSpace, systemDiskSpace } from './var-space.ts';

/** The image was written to a larger disk, and the table of partitions still ends where the image ended. As in siderolabs/talos#9852. */
const TABLE_TOO_SHORT = 'GPT:Primary header thinks Alt. header is not at the end of the disk';

/** /var is full on a disk that is mostly unused. Seen in siderolabs/talos#11752. */
export const ephemeralNotGrown: Playbook = {
  name: 'ephemeral-not-grown',
  diagnose(evidence, { inventory }) {
    const space = shortOfSpace(evidence);
    const disk = systemDiskSpace(evidence);
    if (space === undefined || disk === undefined) return [];
    if (disk.unusedBytes < disk.sizeBytes * MOSTLY_UNUSED_SHARE) return [];
    const table = repeated(kernelSays(evidence), (message) => message.startsWith(TABLE_TOO_SHORT));
    const free = `${gib(space.availableBytes)} of ${gib(space.sizeBytes)}`;
    return [
      {
        code: 'ephemeral_not_grown',
        severity: isHealthy(evidence) ? 'warning' : 'critical',
        // that nobody limited it on purpose is in the config, which readers may not see
        confidence: table === undefined ? 'possible' : 'likely',
        summary: `/var of ${quote(inventory?.name ?? evidence.node)} is nearly full (${free} left), although ${gib(disk.unusedBytes)} of its disk ${quote(disk.disk)} belong to no partition: EPHEMERAL did not grow.`,
        evidence: present([
          cite(
            'disks',
            `${disk.disk} has ${gib(disk.sizeBytes)}, of which ${gib(disk.unusedBytes)} are in no partition.`,
          ),
          cite('mounts', `/var has ${free} left.`),
          table && cite('kernelLog', `${table.first.at}: ${table.first.message}`),
        ]),
        suggests: ['apply_config'],
        explains: true,
        rulesOut: [
          {
            code: 'ephemeral_full',
            because: `The disk is not full: ${gib(disk.unusedBytes)} of it are in no partition.`,
          },
        ],
        patch: GROW_EPHEMERAL,
        advice:
          'Unless a VolumeConfig limits EPHEMERAL on purpose (maxSize), apply one for EPHEMERAL with provisioning.grow: true; if it stays small after the next boot, upgrade or make the node anew. A reboot alone did not extend it.',
      },
    ];
  },
};
