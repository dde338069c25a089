import type { TalosError } from './talos-error.ts';

/**
 * Whether a call that was to change a node may have arrived although it failed here. True for every way of losing a
 * reply (gRPC codes 4 and 14, a reply that cannot be read); then the node must be looked at before anything is sent
 * again. False only where the node said no, or where the connection cannot have carried the call.
 */
export function isOutcomeUnknown({ code, isUnsent }: TalosError): boolean {
  if (isUnsent === true) return false;
  switch (code) {
    case 'connection_reset':
    case 'unreachable':
    case 'deadline_exceeded':
    case 'cancelled':
    case 'malformed_reply':
    case 'too_large':
    case 'failed':
      return true;
    case 'connection_refused':
    case 'connection_timeout':
    case 'no_route':
    case 'handshake_timeout':
    case 'not_tls':
    case 'unknown_authority':
    case 'server_certificate_expired':
    case 'wrong_server_name':
    case 'client_certificate_required':
    case 'client_certificate_refused':
    case 'client_certificate_expired':
    case 'spki_changed':
    case 'permission_denied':
    case 'no_forwarding':
    case 'not_supported_by_version':
    case 'control_plane_only':
    case 'not_found':
    case 'in_maintenance':
    case 'invalid_config':
    case 'config_not_known':
    case 'needs_reboot':
    case 'invalid_request':
    case 'install_failed':
    case 'version_not_known':
    case 'not_offered':
    case 'not_installed':
    case 'image_unavailable':
    case 'etcd_not_ready':
    case 'busy':
    case 'address_not_allowed':
      return false;
  }
}
