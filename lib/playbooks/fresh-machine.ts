import { cite, present } from './cite.ts';
import type { Playbook } from './finding.ts';
import { maintenanceCase } from './maintenance-case.ts';
import { identityCitation, labelsCitation, maintenanceCitation, nodeName, ruledOut } from './maintenance-citations.ts';
import { membershipCitation } from './membership-citation.ts';

/** Talos runs from an image or the network, and is installed on no disk. */
export const freshMachine: Playbook = {
  name: 'fresh-machine',
  diagnose(evidence, facts) {
    const found = maintenanceCase(evidence, facts);
    if (found?.code !== 'fresh_machine') return [];
    const count = found.disk.disks?.length;
    const disks = count === undefined ? 'its disks' : `its ${count} disk${count === 1 ? '' : 's'}`;
    return [
      {
        code: found.code,
        severity: 'warning',
        confidence: found.confidence,
        summary:
          found.proof?.verdict === 'different'
            ? `A new machine is in maintenance mode at the address of ${nodeName(evidence, facts)}: other hardware, and Talos is not installed on ${disks}.`
            : `${nodeName(evidence, facts)} is in maintenance mode because Talos is not installed on ${disks}: a new or wiped machine.`,
        evidence: present([
          labelsCitation(found),
          identityCitation(found),
          found.disk.systemDisk &&
            cite(
              'disks',
              `The known system disk ${found.disk.systemDisk.devPath} is there, without partitions of Talos.`,
            ),
          membershipCitation(found.membership),
          maintenanceCitation(),
        ]),
        suggests: [],
        rulesOut: ruledOut(found),
        advice:
          'Install it as a new node, or find out who wiped its disk; applying a config here installs Talos on the disk that the config names.',
      },
    ];
  },
};
