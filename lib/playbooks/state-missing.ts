import { cite, present, quote } from './cite.ts';
import type { Playbook } from './finding.ts';
import { maintenanceCase } from './maintenance-case.ts';
import { identityCitation, labelsCitation, maintenanceCitation, nodeName, ruledOut } from './maintenance-citations.ts';
import { membershipCitation } from './membership-citation.ts';

/** The system disk is there and still carries Talos, but the partition that held the machine config does not. */
export const stateMissing: Playbook = {
  name: 'state-missing',
  diagnose(evidence, facts) {
    const found = maintenanceCase(evidence, facts);
    if (found?.code !== 'state_missing') return [];
    const { confidence, disk, state } = found;
    const name = nodeName(evidence, facts);
    const rest = disk.labels.filter((label) => label !== 'STATE').join(', ');
    const what = state.is === 'empty' ? 'its STATE partition has no filesystem' : 'its STATE partition is gone';
    return [
      {
        code: found.code,
        severity: 'critical',
        confidence,
        summary: `${name} is in maintenance mode because ${what}, while ${rest} are still on the disk.`,
        evidence: present([
          state.is === 'empty'
            ? cite('discoveredVolumes', `STATE on ${quote(state.where)} carries no filesystem; also found: ${rest}.`)
            : labelsCitation(found),
          membershipCitation(found.membership),
          identityCitation(found),
          maintenanceCitation(),
          disk.stateVolume && cite('volumes', `Volume STATE is ${disk.stateVolume.phase}.`),
        ]),
        suggests: ['restore_config'],
        rulesOut: ruledOut(found),
        advice:
          'Check the health of the disk first, and ask whether somebody wiped STATE; then apply the saved config of exactly this machine.',
      },
    ];
  },
};
