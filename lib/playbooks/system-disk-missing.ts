import { cite, present, quote } from './cite.ts';
import type { Facts, Playbook } from './finding.ts';
import { type MaintenanceCase, maintenanceCase } from './maintenance-case.ts';
import { identityCitation, labelsCitation, maintenanceCitation, nodeName, ruledOut } from './maintenance-citations.ts';
import { membershipCitation } from './membership-citation.ts';

/** The disk that Talos was installed on is not seen by the kernel. */
export const systemDiskMissing: Playbook = {
  name: 'system-disk-missing',
  diagnose(evidence, facts) {
    const found = maintenanceCase(evidence, facts);
    if (found?.code !== 'system_disk_missing') return [];
    return [
      {
        code: found.code,
        severity: 'critical',
        confidence: found.confidence,
        summary: `${nodeName(evidence, facts)} is in maintenance mode because its system disk is not there; it sees ${disksText(found)}.`,
        evidence: present([
          cite('disks', missingText(found, facts)),
          labelsCitation(found),
          identityCitation(found),
          membershipCitation(found.membership),
          maintenanceCitation(),
        ]),
        suggests: [],
        rulesOut: ruledOut(found),
        advice:
          'Look at the disk, its cable and its controller; a power cycle (off and on, not a restart) often brings a lost disk back.',
      },
    ];
  },
};

function disksText({ disk }: MaintenanceCase): string {
  const names = (disk.disks ?? []).map(({ id, model }) => quote(model === '' ? id : `${id} (${model})`));
  return names.length === 0 ? 'no disk at all' : names.join(', ');
}

const missingText = (found: MaintenanceCase, { inventory }: Facts): string =>
  `WWID ${inventory?.identity.systemDiskWwid ?? 'not known'} is not among the disks: ${disksText(found)}.`;
