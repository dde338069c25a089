import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { cite, present, quote } from './cite.ts';
import type { Citation, Facts, Finding, Playbook } from './finding.ts';
import { type MaintenanceCase, maintenanceCase } from './maintenance-case.ts';
import { identityCitation, labelsCitation, maintenanceCitation, nodeName, ruledOut } from './maintenance-citations.ts';
import { membershipCitation } from './membership-citation.ts';

/** Argument of the kernel command line; at most 10m. Source: siderolabs/talos#9206. */
const SETTLE_TIME = 'talos.device.settle_time=3m';

/** The system disk appeared after Talos had given up on STATE, so that it waits for a config which it has. */
export const stateNotFoundInTime: Playbook = {
  name: 'state-not-found-in-time',
  diagnose(evidence, facts) {
    const found = maintenanceCase(evidence, facts);
    if (found?.code !== 'state_not_found_in_time') return [];
    const { confidence } = found;
    const finding: Finding = {
      code: found.code,
      severity: 'critical',
      confidence,
      summary: summaryOf(evidence, facts, found),
      evidence: present([
        stateCitation(found, facts),
        orderCitation(found),
        identityCitation(found),
        maintenanceCitation(),
        labelsCitation(found),
        settleCitation(evidence),
        membershipCitation(found.membership),
      ]),
      suggests: ['restore_config', 'reboot'],
      rulesOut: ruledOut(found),
      advice: `A power cycle usually resolves the race; so that it does not come back, add ${SETTLE_TIME} to the kernel arguments of the image and upgrade to it.`,
    };
    return [finding];
  },
};

function summaryOf(evidence: Evidence, facts: Facts, { state, confidence, disk }: MaintenanceCase): string {
  const name = nodeName(evidence, facts);
  const where = 'where' in state ? ` on ${quote(disk.systemDisk?.devPath ?? state.where)}` : '';
  if (confidence === 'certain') {
    return `${name} is in maintenance mode because its system disk${where} appeared after Talos had given up on STATE; STATE is intact.`;
  }
  const guess = confidence === 'likely' ? 'most likely found' : 'may have found';
  return `${name} is in maintenance mode although a STATE partition is there${where}: Talos ${guess} the disk too late.`;
}

function stateCitation({ state, disk }: MaintenanceCase, { inventory }: Facts): Citation {
  const where = 'where' in state ? quote(state.where) : 'a disk';
  const phase = disk.stateVolume === undefined ? '' : ` Volume STATE is now ${disk.stateVolume.phase}.`;
  const uuid = inventory?.statePartitionUuid;
  const which =
    state.is === 'the known one' && uuid !== undefined
      ? `with the partition UUID that it had before (${quote(uuid)})`
      : 'on the known system disk; its earlier partition UUID is not known';
  return cite(
    disk.partitions === undefined ? 'volumes' : 'discoveredVolumes',
    `STATE is on ${where} ${which}.${phase}`,
  );
}

function orderCitation({ log }: MaintenanceCase): Citation | undefined {
  if (log.order === 'disk came first') {
    return cite(
      'kernelLog',
      'The kernel attached the system disk before STATE was missed, which speaks against a race.',
    );
  }
  if (log.order === 'not told') return undefined;
  const missing = log.missing.at === undefined ? '' : ` at ${log.missing.at}`;
  const attached = log.attached.at === undefined ? '' : ` at ${log.attached.at}`;
  return cite(
    'kernelLog',
    `STATE went missing${missing}; the kernel attached the disk later${attached}: ${log.attached.message}`,
  );
}

function settleCitation({ readings }: Evidence): Citation | undefined {
  const args = readValue(readings.kernelCmdline)?.split(' ');
  if (args === undefined) return undefined;
  const set = args.find((arg) => arg.startsWith('talos.device.settle_time='));
  return cite('kernelCmdline', set === undefined ? 'No talos.device.settle_time is set.' : `Already set: ${set}.`);
}
