import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '..', '..', 'docs', 'playbooks');

/** Codes are stored, shown and searched, so this list only grows. */
test.each([
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
  'static_pod_not_ready',
  'kubelet_certificates_not_approved',
  'node_rebooted',
  'sequence_under_way',
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
  'upgrade_not_confirmed',
  'node_certificate_not_renewed',
  'extensions_differ',
  'config_differs',
  'version_differs',
  'our_certificate_ends_soon',
  'playbook_failed',
  'healthy',
  'unknown_cause',
])('whoever looks up %s finds its page, with evidence, remedy, risk and source', (code) => {
  const path = join(folder, `${code}.md`);
  expect(existsSync(path)).toBe(true);
  const page = readFileSync(path, 'utf8');
  expect(page).toContain(`# \`${code}\``);
  for (const part of ['Evidence', 'Remedy', 'Risk', 'Source'])
    expect(page).toMatch(new RegExp(`\\*\\*${part}\\.\\*\\* \\S`));
});
