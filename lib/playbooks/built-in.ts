import { allPlaybooks } from './registry.ts';

/** Two findings of diagnose.ts itself: what is left when the playbooks have spoken. */
export const HEALTHY = 'healthy';
export const UNKNOWN_CAUSE = 'unknown-cause';

const NAMES: ReadonlySet<string> = new Set([...allPlaybooks.map(({ name }) => name), HEALTHY, UNKNOWN_CAUSE]);

export const isBuiltIn = (playbook: string): boolean => NAMES.has(playbook);
export const builtInNames = (): readonly string[] => allPlaybooks.map(({ name }) => name);

/** Every code that Medic brings along. They are stored, shown and searched, so this list only grows; each has a page. */
export const BUILT_IN_CODES: readonly string[] = [
  'state_not_found_in_time',
  'state_missing',
  'reset_on_purpose',
  'fresh_machine',
  'foreign_machine_in_maintenance',
  'system_disk_missing',
  'foreign_node_at_address',
  'node_silent',
  'etcd_under_temporary_hostname',
  'etcd_name_follows_at_next_start',
  'etcd_out_of_space',
  'etcd_member_removed',
  'duplicate_hostnames',
  'etcd_learner_not_promoted',
  'etcd_quorum_lost',
  'static_pods_not_rendered',
  'api_server_cannot_decrypt',
  'static_pod_crashes',
  'kubelet_certificates_not_approved',
  'node_rebooted',
  'previous_version_booted',
  'config_not_in_effect',
  'service_waits_forever',
  'image_not_pulled_at_boot',
  'time_not_synced',
  'container_runtime_state_corrupt',
  'extension_blocks_shutdown',
  'duplicate_extensions',
  'extension_missing',
  'extension_service_broken',
  'volume_locked',
  'encryption_of_existing_volume',
  'system_disk_failed',
  'ephemeral_corrupt',
  'oom_controller_kills_pods',
  'system_service_out_of_memory',
  'node_out_of_memory',
  'pod_over_memory_limit',
  'nic_hangs',
  'interface_renamed',
  'dhcp_takes_address_away',
  'discovery_unreachable',
  'kubespan_peer_down',
  'ephemeral_not_grown',
  'ephemeral_full',
  'our_certificate_expired',
  'our_access_refused',
  'clock_wrong',
  'address_not_in_certificate',
  'unreachable_from_here',
  'playbook_failed',
  'healthy',
  'unknown_cause',
];
