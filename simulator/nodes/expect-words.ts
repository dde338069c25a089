import * as z from 'zod';

/** What scenarios may expect to be found, under the headings of the panel. Some of it no playbook knows yet. */
const FINDINGS = {
  'Maintenance mode and disks': [
    'state_not_found_in_time',
    'reset_on_purpose',
    'fresh_machine',
    'state_missing',
    'foreign_node_at_address',
    'foreign_machine_in_maintenance',
    'system_disk_missing',
    'system_disk_failed',
    'ephemeral_corrupt',
    'ephemeral_not_grown',
    'ephemeral_full',
    'volume_locked',
    'volume_failed',
    'encryption_of_existing_volume',
    'previous_version_booted',
    'upgrade_not_confirmed',
  ],
  'etcd and the control plane': [
    'etcd_under_temporary_hostname',
    'etcd_name_follows_at_next_start',
    'etcd_out_of_space',
    'etcd_member_removed',
    'etcd_learner_not_promoted',
    'etcd_quorum_lost',
    'etcd_dead_member',
    'duplicate_hostnames',
    'static_pods_not_rendered',
    'api_server_cannot_decrypt',
    'static_pod_crashes',
    'static_pod_not_ready',
    'kubelet_certificates_not_approved',
  ],
  'Extensions and services': [
    'duplicate_extensions',
    'service_waits_forever',
    'extension_service_broken',
    'extensions_differ',
    'extension_blocks_shutdown',
    'container_runtime_state_corrupt',
    'image_not_pulled_at_boot',
    'time_not_synced',
  ],
  'Memory and network': [
    'oom_controller_kills_pods',
    'system_service_out_of_memory',
    'node_out_of_memory',
    'pod_over_memory_limit',
    'nic_hangs',
    'interface_renamed',
    'dhcp_takes_address_away',
    'discovery_unreachable',
    'kubespan_peer_down',
  ],
  'Our own side': [
    'our_certificate_expired',
    'our_certificate_ends_soon',
    'our_access_refused',
    'clock_wrong',
    'address_not_in_certificate',
    'unreachable_from_here',
    'config_not_in_effect',
    'config_unknown_to_version',
  ],
  'Other causes': ['unknown_cause', 'node_silent', 'node_rebooted', 'sequence_under_way'],
  'Nothing wrong': ['healthy'],
} as const;
export const FindingCode = z.enum(Object.values(FINDINGS).flat());
export type FindingCode = z.infer<typeof FindingCode>;

const PLACES = Object.entries(FINDINGS).flatMap(([heading, codes], place) =>
  codes.map((code) => [code, { heading, place }] as const),
);
const placeOf: Readonly<Record<string, { readonly heading: string; readonly place: number }>> =
  Object.fromEntries(PLACES);

/** The heading under which people look for a scenario, and which of the headings it is. */
export const scenarioPlace = (finding: FindingCode) => placeOf[finding] ?? { heading: 'Other causes', place: 0 };
