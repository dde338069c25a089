/**
 * Everything that can go wrong between us and a node, as values. `message` of the underlying library is kept in
 * `text` (cut, plain) for the record; nothing decides on it once the code is known.
 */
export type TalosError = {
  readonly code: TalosErrorCode;
  /** Inventory name or address that the call was meant for. */
  readonly node: string;
  /** RPC or resource. */
  readonly source: string;
  readonly text: string;
  /** The call that would have changed the node was never made. */
  readonly isUnsent?: true;
};

export type TalosErrorCode =
  | 'connection_refused'
  | 'connection_timeout'
  | 'connection_reset'
  | 'no_route'
  | 'handshake_timeout'
  | 'not_tls'
  | 'unreachable'
  | 'deadline_exceeded'
  | 'unknown_authority'
  | 'server_certificate_expired'
  | 'wrong_server_name'
  | 'client_certificate_required'
  | 'client_certificate_refused'
  | 'client_certificate_expired'
  | 'spki_changed'
  | 'permission_denied'
  | 'no_forwarding'
  | 'not_supported_by_version'
  | 'control_plane_only'
  | 'not_found'
  | 'in_maintenance'
  | 'invalid_config'
  | 'config_not_known'
  | 'needs_reboot'
  | 'invalid_request'
  | 'install_failed'
  | 'version_not_known'
  | 'not_offered'
  | 'not_installed'
  | 'image_unavailable'
  | 'etcd_not_ready'
  | 'busy'
  | 'malformed_reply'
  | 'too_large'
  | 'cancelled'
  | 'address_not_allowed'
  | 'failed';
