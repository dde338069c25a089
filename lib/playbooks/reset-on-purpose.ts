import { cite, list, present, quote } from './cite.ts';
import type { Playbook } from './finding.ts';
import { maintenanceCase } from './maintenance-case.ts';
import { identityCitation, labelsCitation, maintenanceCitation, nodeName, ruledOut } from './maintenance-citations.ts';
import { membershipCitation } from './membership-citation.ts';

/**
 * What a reset leaves: the disk boots Talos, and exactly what a reset removes is gone. Source: siderolabs/talos,
 * v1alpha1_sequencer.go.
 */
export const resetOnPurpose: Playbook = {
  name: 'reset-on-purpose',
  diagnose(evidence, facts) {
    const found = maintenanceCase(evidence, facts);
    if (found?.code !== 'reset_on_purpose') return [];
    const { confidence, disk, reset } = found;
    const gone = ['STATE', 'EPHEMERAL'].filter((label) => !disk.labels.includes(label));
    const rest = disk.labels.length > 0 ? `while ${disk.labels.join(', ')} are there` : 'and nothing of Talos is left';
    const by = reset === undefined ? '' : ` by ${quote(reset.by)}`;
    const verb = confidence === 'certain' ? 'was reset' : 'was most likely reset';
    return [
      {
        code: found.code,
        severity: 'warning',
        confidence,
        summary: `${nodeName(evidence, facts)} ${verb} on purpose${by}: ${list(gone)} ${gone.length === 1 ? 'is' : 'are'} gone, ${rest}.`,
        evidence: present([
          reset && cite('inventory', `The audit trail has a reset at ${reset.at} by ${reset.by}.`),
          labelsCitation(found),
          membershipCitation(found.membership),
          identityCitation(found),
          maintenanceCitation(),
        ]),
        // our own reset is half of a repair: its plan said that the config comes next
        suggests: reset === undefined ? [] : ['restore_config'],
        rulesOut: ruledOut(found),
        advice:
          reset === undefined
            ? 'No restore is offered, because somebody wanted this machine empty: ask who reset it, and apply a config by hand if it shall come back.'
            : 'Medic wiped it by an approved plan. Restore its stored config to bring it back; a control plane then joins etcd as a new member.',
      },
    ];
  },
};
