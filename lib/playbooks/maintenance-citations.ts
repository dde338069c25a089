import type { Evidence } from '../evidence/evidence.ts';
import { cite, quote } from './cite.ts';
import type { Citation, Facts, Finding } from './finding.ts';
import type { MaintenanceCase, MaintenanceCode } from './maintenance-case.ts';

/** The sentences that the playbooks of maintenance mode have in common. */
export const maintenanceCitation = (): Citation =>
  cite('machineStatus', 'Stage maintenance: Talos waits for a machine config; it found none when it booted.');

export function identityCitation({ proof }: MaintenanceCase): Citation {
  return cite('inventory', proof?.because ?? 'The inventory does not know this machine.');
}

export function labelsCitation({ disk }: MaintenanceCase): Citation {
  if (disk.partitions === undefined) return cite('discoveredVolumes', 'Partitions could not be read.');
  const found = disk.labels.length === 0 ? 'no Talos partition on any disk' : `partitions ${disk.labels.join(', ')}`;
  return cite('discoveredVolumes', `Found: ${found}.`);
}

/** Why each other explanation is not it; silent about those that nothing rules out. */
export function ruledOut(found: MaintenanceCase): Finding['rulesOut'] {
  const others = ORDER.filter((code) => code !== found.code).flatMap((code): Finding['rulesOut'] => {
    const because = whyNot[code](found);
    return because === undefined ? [] : [{ code, because }];
  });
  return [...others, { code: 'certificate_problem', because: NOT_THE_CERTIFICATE }];
}

/** Source: siderolabs/talos#10011. */
const NOT_THE_CERTIFICATE =
  'The certificate is made at boot and unknown to the cluster because of maintenance mode; it is a sign, not the cause.';

const ORDER: readonly MaintenanceCode[] = [
  'state_not_found_in_time',
  'reset_on_purpose',
  'state_missing',
  'system_disk_missing',
  'fresh_machine',
  'foreign_machine_in_maintenance',
];

const whyNot: Readonly<Record<MaintenanceCode, (found: MaintenanceCase) => string | undefined>> = {
  state_not_found_in_time: ({ state, proof }) => {
    if (proof?.verdict === 'different') return 'It is another machine.';
    return state.is === 'absent' ? 'No STATE partition is there, not even now that all disks had time.' : undefined;
  },
  reset_on_purpose: ({ state, disk, membership }) => {
    if (state.is === 'the known one')
      return 'A reset removes STATE; it is there with the partition UUID it had before.';
    if (disk.labels.includes('EPHEMERAL') && membership.inEtcd === 'yes') {
      return 'EPHEMERAL is there and the node is still an etcd member; a graceful reset ends both.';
    }
    return disk.labels.includes('EPHEMERAL') ? 'A reset usually takes EPHEMERAL along; it is there.' : undefined;
  },
  state_missing: ({ state }) =>
    state.is === 'the known one' || state.is === 'probably the known one'
      ? `STATE is there, on ${quote(state.where)}.`
      : undefined,
  system_disk_missing: ({ disk }) =>
    disk.systemDisk && `The system disk is there: ${quote(disk.systemDisk.devPath)}, WWID as in the inventory.`,
  fresh_machine: ({ disk }) =>
    disk.labels.length > 0 ? `Talos is installed: ${disk.labels.join(', ')} are there.` : undefined,
  foreign_machine_in_maintenance: ({ proof }) => (proof?.verdict === 'same' ? proof.because : undefined),
};

/** Name for sentences: the inventory's where there is one. */
export const nodeName = ({ node }: Evidence, { inventory }: Facts): string => quote(inventory?.name ?? node);
