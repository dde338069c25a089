import { status } from '@grpc/grpc-js';
import type { CallFailure } from './call.ts';
import type { TalosErrorCode } from './talos-error.ts';

/** Thrown by a decoder when the bytes of a sweep are used up; arrives inside the text of a parsing error. */
export const BUDGET_TEXT = 'byte budget of the sweep is used up';

export type FailureFacts = CallFailure & {
  /** First error of the sockets below the channel, when there was one. */
  readonly transport: Error | undefined;
  /** RPC, to tell a refused config from another invalid argument. */
  readonly source: string;
};

/**
 * What went wrong, from gRPC's code, the error below it, and Talos' own texts. Source: texts of
 * Talos 1.8 to 1.14 and grpc-js 1.14.
 */
export function classify({ grpcCode, details, transport, source }: FailureFacts): TalosErrorCode {
  switch (grpcCode) {
    case status.CANCELLED:
      return 'cancelled';
    case status.UNKNOWN:
      return firstMatch(UNKNOWN_TEXTS, details) ?? 'failed';
    case status.INVALID_ARGUMENT:
      if (!source.endsWith('/ApplyConfiguration')) return 'failed';
      return firstMatch(REFUSED_CONFIG_TEXTS, details) ?? 'invalid_config';
    case status.DEADLINE_EXCEEDED:
      return 'deadline_exceeded';
    case status.NOT_FOUND:
      return 'not_found';
    case status.PERMISSION_DENIED:
      return firstMatch(DENIED_TEXTS, details) ?? 'permission_denied';
    case status.UNAUTHENTICATED:
      return 'permission_denied';
    case status.RESOURCE_EXHAUSTED:
      return /larger than max/.test(details) ? 'too_large' : 'failed';
    case status.FAILED_PRECONDITION:
      return firstMatch(PRECONDITION_TEXTS, details) ?? 'failed';
    case status.UNIMPLEMENTED:
      return firstMatch(UNIMPLEMENTED_TEXTS, details) ?? 'not_supported_by_version';
    case status.INTERNAL:
      return firstMatch(INTERNAL_TEXTS, details) ?? 'failed';
    case status.UNAVAILABLE:
      return classifyTransport(transport) ?? firstMatch(UNAVAILABLE_TEXTS, details) ?? 'unreachable';
    default:
      return 'failed';
  }
}

/** What an error of a socket means; undefined where it says nothing that we know. */
export function classifyTransport(error: Error | undefined): TalosErrorCode | undefined {
  if (error === undefined) return undefined;
  const alert = /SSL alert number (\d{1,3})/.exec(error.message)?.[1];
  if (alert !== undefined) return ALERTS[alert] ?? 'unreachable';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return SOCKET_CODES[code];
}

/** TLS alerts, which the server sends about our certificate. Go sends 42 for whatever it has no better number for. */
const ALERTS: Readonly<Record<string, TalosErrorCode>> = {
  40: 'client_certificate_refused',
  42: 'client_certificate_refused',
  43: 'client_certificate_refused',
  44: 'client_certificate_refused',
  45: 'client_certificate_expired',
  46: 'client_certificate_refused',
  48: 'client_certificate_refused',
  49: 'client_certificate_refused',
  116: 'client_certificate_required',
};

const SOCKET_CODES: Readonly<Record<string, TalosErrorCode>> = {
  ECONNREFUSED: 'connection_refused',
  ETIMEDOUT: 'connection_timeout',
  ECONNRESET: 'connection_reset',
  ECONNABORTED: 'connection_reset',
  EPIPE: 'connection_reset',
  EHOSTUNREACH: 'no_route',
  ENETUNREACH: 'no_route',
  EHOSTDOWN: 'no_route',
  ENETDOWN: 'no_route',
  EADDRNOTAVAIL: 'no_route',
  HANDSHAKE_TIMEOUT: 'handshake_timeout',
  ERR_SSL_WRONG_VERSION_NUMBER: 'not_tls',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'not_tls',
  ERR_SSL_RECORD_LAYER_FAILURE: 'not_tls',
  SPKI_MISMATCH: 'spki_changed',
  ERR_TLS_CERT_ALTNAME_INVALID: 'wrong_server_name',
  CERT_HAS_EXPIRED: 'server_certificate_expired',
  CERT_NOT_YET_VALID: 'server_certificate_expired',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown_authority',
  UNABLE_TO_GET_ISSUER_CERT: 'unknown_authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown_authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown_authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'unknown_authority',
  CERT_SIGNATURE_FAILURE: 'unknown_authority',
  CERT_UNTRUSTED: 'unknown_authority',
  CERT_REJECTED: 'unknown_authority',
  INVALID_CA: 'unknown_authority',
  INVALID_PURPOSE: 'unknown_authority',
  NO_SERVER_CERTIFICATE: 'unknown_authority',
};

type Texts = readonly (readonly [RegExp, TalosErrorCode])[];

/** Keys or kinds of documents that this version of Talos does not have. Decoding is strict. */
const NOT_KNOWN = /unknown keys found during decoding|: not registered\b/;
const REFUSED_CONFIG_TEXTS: Texts = [
  [/can't be applied in immediate mode/, 'needs_reboot'],
  [NOT_KNOWN, 'config_not_known'],
];

/** Plain errors of Talos' handlers, and of the etcd library below them. A request to etcd that timed out may have worked. */
const UNKNOWN_TEXTS: Texts = [
  [/ was not registered|^service "[^"]{0,200}" not defined|etcdserver: member not found/, 'not_found'],
  [/doesn't support \w{1,20} operation via API|^cannot forfeit leadership, only one member/, 'not_offered'],
  [/^failed to acquire upgrade mutex/, 'busy'],
  [/^error validating installer image/, 'image_unavailable'],
  [/^error validating etcd for upgrade|all members must be (?:running|healthy)/, 'etcd_not_ready'],
  [/etcdserver: (?:unhealthy cluster|no leader|not capable)|^no controlplane endpoints discovered/, 'etcd_not_ready'],
  [
    /^failed to get volume status with label|is not located|is not ready|cannot be wiped without wiping/,
    'invalid_request',
  ],
  [NOT_KNOWN, 'config_not_known'],
  [/^failed to parse config|^(?:runtime )?configuration validation failed/, 'invalid_config'],
];
const DENIED_TEXTS: Texts = [
  [/^resource type .* is not supported/, 'not_supported_by_version'],
  [/^no request forwarding/, 'no_forwarding'],
];
const PRECONDITION_TEXTS: Texts = [
  [/(?:machine|Talos) is not installed/, 'not_installed'],
  [/another .* is already in progress|node is rebooting/, 'busy'],
  [/is not supported in container mode/, 'not_supported_by_version'],
];
const UNIMPLEMENTED_TEXTS: Texts = [
  [/in agent mode|the REBOOT mode is not supported/, 'not_offered'],
  [/is only available on control plane nodes/, 'control_plane_only'],
  [/in maintenance mode|machine type is not set|^method \S+ not implemented/, 'in_maintenance'],
];
const INTERNAL_TEXTS: Texts = [
  [new RegExp(BUDGET_TEXT), 'too_large'],
  [/parsing error|no reply message/, 'malformed_reply'],
  [/RST_STREAM/, 'connection_reset'],
];
/** The text of grpc-js for a lost connection, and that of Go for a dial that a control plane made for us. */
const UNAVAILABLE_TEXTS: Texts = [
  [/x509: certificate has expired or is not yet valid/, 'server_certificate_expired'],
  [/x509: certificate is valid for|doesn't contain any IP SANs/, 'wrong_server_name'],
  [/x509: certificate signed by unknown authority|failed to verify certificate/, 'unknown_authority'],
  [/connection refused|ECONNREFUSED/, 'connection_refused'],
  [/no route to host|network is unreachable/, 'no_route'],
  [/i\/o timeout|deadline exceeded/, 'connection_timeout'],
  [/Connection dropped|Stream refused|ECONNRESET|connection reset|Failed to connect|EOF/, 'connection_reset'],
];

const firstMatch = (texts: Texts, details: string): TalosErrorCode | undefined =>
  texts.find(([pattern]) => pattern.test(details.slice(0, 4096)))?.[1];
