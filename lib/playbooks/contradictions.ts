import type { Finding } from './finding.ts';

/** Claims about why a node is not there at all: it cannot be in two of these. */
const AWAY = [
  'state_not_found_in_time',
  'state_missing',
  'reset_on_purpose',
  'fresh_machine',
  'foreign_machine_in_maintenance',
  'system_disk_missing',
  'foreign_node_at_address',
  'node_silent',
] as const;
const isAwayCode: ReadonlySet<string> = new Set(AWAY);

/** Whoever claims this says why the node is ill; others stand beside a cause that is still to be found. */
export const saysWhereItIs = ({ code }: Pick<Finding, 'code'>): boolean => isAwayCode.has(code);

/**
 * Groups of claims of which at most one is true of one node at one time. A code may stand in several groups. Claims that
 * can both be true, however grave (a full disk and a wrong clock), are in none, nor is a cause with what follows from it.
 */
export const EXCLUDE_EACH_OTHER: readonly (readonly string[])[] = [
  AWAY,
  // whoever is in maintenance mode has found no config: it cannot have stumbled over the one on its disk
  [...AWAY, 'previous_version_booted'],
  // it answers through others, or refuses us: then it is not silent, and not a stranger
  [
    'node_silent',
    'unreachable_from_here',
    'our_certificate_expired',
    'our_access_refused',
    'address_not_in_certificate',
  ],
  ['foreign_node_at_address', 'our_certificate_expired', 'our_access_refused', 'address_not_in_certificate'],
  ['our_certificate_expired', 'clock_wrong'],
  // a member is out, or waits to be let in, or belongs to a cluster that has no quorum to decide either
  ['etcd_member_removed', 'etcd_learner_not_promoted', 'etcd_quorum_lost'],
  // who is thrown out because of its name must not be wiped before it is renamed
  ['etcd_member_removed', 'duplicate_hostnames'],
  ['etcd_under_temporary_hostname', 'etcd_name_follows_at_next_start'],
  ['ephemeral_full', 'ephemeral_not_grown'],
  // a disk that fails breaks the file systems on it, and what is stored there
  ['system_disk_failed', 'ephemeral_corrupt'],
  ['system_disk_failed', 'container_runtime_state_corrupt'],
  // memory to spare, or none
  ['oom_controller_kills_pods', 'node_out_of_memory'],
  ['system_service_out_of_memory', 'node_out_of_memory'],
  // an API server that was never rendered does not crash, and one that nobody hears of is not known to be absent
  ['static_pods_not_rendered', 'api_server_cannot_decrypt'],
  ['static_pods_not_rendered', 'kubelet_certificates_not_approved'],
];

/** Of claims that exclude each other two cannot be certain, so none of them is. */
export function withoutContradictions<T extends Finding>(findings: readonly T[]): readonly T[] {
  const certain = new Set(findings.filter(({ confidence }) => confidence === 'certain').map(({ code }) => code));
  const doubted = new Set(
    EXCLUDE_EACH_OTHER.map((group) => group.filter((code) => certain.has(code)))
      .filter((both) => both.length > 1)
      .flat(),
  );
  return findings.map((finding) =>
    finding.confidence === 'certain' && doubted.has(finding.code) ? { ...finding, confidence: 'likely' } : finding,
  );
}
