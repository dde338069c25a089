import { status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { classify } from '../../lib/talos/classify.ts';
import { describeTalosError } from '../../lib/talos/describe-talos-error.ts';
import { isOutcomeUnknown } from '../../lib/talos/outcome.ts';
import type { TalosErrorCode } from '../../lib/talos/talos-error.ts';

const SOURCE = 'machine.MachineService/Version';

/** Texts of Talos 1.8 to 1.14 and grpc-js 1.14. */
test.for<readonly [number, string, TalosErrorCode]>([
  [status.PERMISSION_DENIED, 'not authorized', 'permission_denied'],
  [status.PERMISSION_DENIED, 'no request forwarding', 'no_forwarding'],
  [status.PERMISSION_DENIED, 'resource type "BootIDs.runtime.talos.dev" is not supported', 'not_supported_by_version'],
  [status.PERMISSION_DENIED, 'namespace "x" is not supported', 'permission_denied'],
  [status.NOT_FOUND, "resource A(runtime/b) doesn't exist", 'not_found'],
  [status.UNIMPLEMENTED, 'API is not implemented in maintenance mode', 'in_maintenance'],
  [status.UNIMPLEMENTED, 'method Reboot not implemented', 'in_maintenance'],
  [status.UNIMPLEMENTED, 'machine type is not set, cannot use member list API', 'in_maintenance'],
  [status.UNIMPLEMENTED, 'member list is only available on control plane nodes', 'control_plane_only'],
  [status.UNIMPLEMENTED, 'unknown service machine.LifecycleService', 'not_supported_by_version'],
  [status.UNIMPLEMENTED, 'unknown method X for service Y', 'not_supported_by_version'],
  [status.FAILED_PRECONDITION, 'another apply configuration is already in progress', 'busy'],
  [
    status.FAILED_PRECONDITION,
    'configuration was already applied and node is rebooting, cannot apply more configuration changes until next reboot',
    'busy',
  ],
  [status.FAILED_PRECONDITION, 'method is not supported in container mode', 'not_supported_by_version'],
  [status.UNKNOWN, 'log "ext-x" was not registered', 'not_found'],
  [status.UNKNOWN, 'failed to parse config: missing kind', 'invalid_config'],
  [status.UNKNOWN, 'failed to parse config: unknown keys found during decoding:\nmachine:', 'config_not_known'],
  [status.UNKNOWN, 'failed to parse config: "HostnameConfig" "v1alpha1": not registered', 'config_not_known'],
  [status.UNKNOWN, 'service "kublet" not defined', 'not_found'],
  [status.UNKNOWN, `service "kubelet" doesn't support stop operation via API`, 'not_offered'],
  [status.UNKNOWN, 'failed to acquire upgrade mutex: deadline exceeded', 'busy'],
  [status.UNKNOWN, 'error validating installer image "ghcr.io/x": not found', 'image_unavailable'],
  [status.UNKNOWN, 'error validating etcd for upgrade: member cp-2 is not healthy', 'etcd_not_ready'],
  [
    status.UNKNOWN,
    'etcd member cp-2 is not started, all members must be running to perform an upgrade',
    'etcd_not_ready',
  ],
  [status.UNKNOWN, 'etcdserver: unhealthy cluster', 'etcd_not_ready'],
  [status.UNKNOWN, 'etcdserver: no leader', 'etcd_not_ready'],
  [status.UNKNOWN, 'etcdserver: not capable', 'etcd_not_ready'],
  [status.UNKNOWN, 'no controlplane endpoints discovered yet', 'etcd_not_ready'],
  [status.UNKNOWN, 'failed to remove member: etcdserver: member not found', 'not_found'],
  [status.UNKNOWN, 'failed to remove member: etcdserver: request timed out', 'failed'],
  [status.UNKNOWN, 'cannot forfeit leadership, only one member', 'not_offered'],
  [status.UNKNOWN, 'failed to get volume status with label "STATES": not found', 'invalid_request'],
  [status.UNKNOWN, 'volume "STATE" is not located', 'invalid_request'],
  [status.UNKNOWN, 'volume "META" cannot be wiped without wiping STATE', 'invalid_request'],
  [status.UNKNOWN, 'error querying NTP server "x": i/o timeout', 'failed'],
  [status.FAILED_PRECONDITION, 'another installation/upgrade is already in progress', 'busy'],
  [status.FAILED_PRECONDITION, 'machine is not installed', 'not_installed'],
  [status.FAILED_PRECONDITION, 'Talos is not installed', 'not_installed'],
  [status.UNIMPLEMENTED, 'API is not implemented in agent mode', 'not_offered'],
  [status.UNIMPLEMENTED, 'apply configuration --mode=staged is not supported in maintenance mode', 'in_maintenance'],
  [status.UNIMPLEMENTED, 'the REBOOT mode is not supported anymore', 'not_offered'],
  [status.INVALID_ARGUMENT, 'node metadata must be single-valued', 'failed'],
  [status.INTERNAL, 'invalid target "10.0.0.1:50000"', 'failed'],
  [status.PERMISSION_DENIED, 'write access is not allowed', 'permission_denied'],
  [status.UNKNOWN, 'anything else', 'failed'],
  [status.DEADLINE_EXCEEDED, 'Deadline exceeded', 'deadline_exceeded'],
  [status.CANCELLED, 'Cancelled on client', 'cancelled'],
  [status.RESOURCE_EXHAUSTED, 'Received message larger than max (5242885 vs 4194304)', 'too_large'],
  [status.INTERNAL, 'Response message parsing error: premature EOF', 'malformed_reply'],
  [status.INTERNAL, 'Received RST_STREAM with code 2', 'connection_reset'],
  [status.INTERNAL, 'runtime error: invalid memory address', 'failed'],
  [status.UNAVAILABLE, 'Connection dropped', 'connection_reset'],
  [status.UNAVAILABLE, 'something new', 'unreachable'],
  [
    status.UNAVAILABLE,
    'connection error: desc = "transport: Error while dialing: dial tcp 10.0.0.9:50000: connect: connection refused"',
    'connection_refused',
  ],
  [status.UNAVAILABLE, 'connection error: desc = "transport: Error while dialing: i/o timeout"', 'connection_timeout'],
  [status.UNAVAILABLE, 'connection error: desc = "dial tcp 10.0.0.9:50000: connect: no route to host"', 'no_route'],
  [
    status.UNAVAILABLE,
    'transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'unknown_authority',
  ],
  [
    status.UNAVAILABLE,
    'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time …',
    'server_certificate_expired',
  ],
])('code %i, "%s" is %s', ([grpcCode, details, code]) => {
  expect(classify({ grpcCode, details, transport: undefined, source: SOURCE })).toBe(code);
});

test('an invalid argument is a refused config only where a config was sent', () => {
  const failure = { grpcCode: status.INVALID_ARGUMENT, details: 'unknown keys', transport: undefined };
  expect(classify({ ...failure, source: 'machine.MachineService/ApplyConfiguration' })).toBe('invalid_config');
  expect(classify({ ...failure, source: SOURCE })).toBe('failed');
  const apply = 'machine.MachineService/ApplyConfiguration';
  const newer = 'error decoding document v1alpha1/TrustedRootsConfig/: "TrustedRootsConfig" "v1alpha1": not registered';
  expect(classify({ ...failure, details: newer, source: apply })).toBe('config_not_known');
  const immediate = { ...failure, details: "this config change can't be applied in immediate mode: diff" };
  expect(classify({ ...immediate, source: 'machine.MachineService/ApplyConfiguration' })).toBe('needs_reboot');
});

const transportError = (code: string, message = '') => Object.assign(new Error(message), { code });

test.for<readonly [Error, TalosErrorCode]>([
  [transportError('ECONNREFUSED'), 'connection_refused'],
  [transportError('ETIMEDOUT'), 'connection_timeout'],
  [transportError('ECONNRESET'), 'connection_reset'],
  [transportError('EHOSTUNREACH'), 'no_route'],
  [transportError('HANDSHAKE_TIMEOUT'), 'handshake_timeout'],
  [transportError('CERT_HAS_EXPIRED'), 'server_certificate_expired'],
  [transportError('CERT_NOT_YET_VALID'), 'server_certificate_expired'],
  [transportError('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'unknown_authority'],
  [transportError('SELF_SIGNED_CERT_IN_CHAIN'), 'unknown_authority'],
  [transportError('ERR_TLS_CERT_ALTNAME_INVALID'), 'wrong_server_name'],
  [transportError('SPKI_MISMATCH'), 'spki_changed'],
  [
    transportError('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'x:SSL alert number 116'),
    'client_certificate_required',
  ],
  [transportError('ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'x:SSL alert number 45'), 'client_certificate_expired'],
  [transportError('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'x:SSL alert number 48'), 'client_certificate_refused'],
  [transportError('ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'x:SSL alert number 42'), 'client_certificate_refused'],
  [transportError('ERR_SSL_WRONG_VERSION_NUMBER', 'wrong version number'), 'not_tls'],
  [transportError('ERR_SOMETHING_NEW'), 'unreachable'],
])('the socket below says more than the text: %s is %s', ([transport, code]) => {
  const details = 'No connection established. Last error: whatever';
  expect(classify({ grpcCode: status.UNAVAILABLE, details, transport, source: SOURCE })).toBe(code);
});

test('a lost reply is an unknown outcome, a refusal is not', () => {
  const error = (code: TalosErrorCode) => ({ code, node: 'n', source: SOURCE, text: '' });
  const unknown: readonly TalosErrorCode[] = [
    'connection_reset',
    'unreachable',
    'deadline_exceeded',
    'malformed_reply',
  ];
  const known: readonly TalosErrorCode[] = [
    'connection_refused',
    'permission_denied',
    'spki_changed',
    'invalid_config',
  ];
  expect(unknown.map((code) => isOutcomeUnknown(error(code)))).toEqual(unknown.map(() => true));
  expect(known.map((code) => isOutcomeUnknown(error(code)))).toEqual(known.map(() => false));
});

test('a person is told which node and what to look at', () => {
  const text = describeTalosError({ code: 'unknown_authority', node: 'cp-1', source: SOURCE, text: '' });
  expect(text).toContain('cp-1');
  expect(text).toContain('maintenance mode');
});

test.for([
  [
    '"TrustedRootsConfig" "v1alpha1": not registered',
    'The Talos that runs on w-2 does not know the kind of document TrustedRootsConfig of this config, and took nothing of it. Take that out, or upgrade w-2 first.',
  ],
  [
    'unknown keys found during decoding: machine:     features:         hostDNS:             token: s3cr3t.abc',
    'The Talos that runs on w-2 does not know the keys machine > features > hostDNS > token of this config, and took nothing of it. Take that out, or upgrade w-2 first.',
  ],
] as const)(
  'a config that is newer than its node is told by the names of what is unknown, never by their values',
  ([text, said]) => {
    expect(describeTalosError({ code: 'config_not_known', node: 'w-2', source: SOURCE, text })).toBe(said);
  },
);
