import { cite, present } from './cite.ts';
import type { Playbook } from './finding.ts';
import { maintenanceCase } from './maintenance-case.ts';
import { labelsCitation, maintenanceCitation, nodeName, ruledOut } from './maintenance-citations.ts';
import { membershipCitation } from './membership-citation.ts';

/** A machine waits for a config at the node's address, and its hardware says that it is not the node. */
export const foreignMachineInMaintenance: Playbook = {
  name: 'foreign-machine-in-maintenance',
  diagnose(evidence, facts) {
    const found = maintenanceCase(evidence, facts);
    if (found?.code !== 'foreign_machine_in_maintenance') return [];
    const name = nodeName(evidence, facts);
    return [
      {
        code: found.code,
        severity: 'critical',
        confidence: found.confidence,
        summary: `Another machine is in maintenance mode at the address of ${name} (${evidence.address}); the config of ${name} must not go there.`,
        evidence: present([
          cite('systemInformation', found.proof?.because ?? ''),
          maintenanceCitation(),
          labelsCitation(found),
          membershipCitation(found.membership),
        ]),
        suggests: [],
        rulesOut: ruledOut(found),
        advice: `Find out which machine has ${evidence.address} now (DHCP lease, switch port), and where ${name} is. If the hardware was replaced, take the node in anew.`,
      },
    ];
  },
};
