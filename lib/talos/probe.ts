import type { PeerCertificate, Reach, Readings } from '../evidence/evidence.ts';
import type { ReadingError } from '../evidence/reading.ts';
import { type Connection, openConnection, sourceOf } from './connection.ts';
import { mayDial } from './dial-rules.ts';
import { machineService } from './methods.ts';
import { unverified, verified } from './node-policy.ts';
import { describePeer, endOf, spkiOf } from './peer-certificate.ts';
import { readVersion } from './readings/machine.ts';
import { MACHINE_STATUS_ID, machineStatus } from './resources/runtime.ts';
import { failedReading, resource, type Source, type Sweep, takeReading, toReadingError } from './sweep.ts';
import type { ClusterAccess, NodeTarget } from './talos.ts';
import type { TalosErrorCode } from './talos-error.ts';

/** How a node can be spoken to, and the open connection where it can; the caller closes that. */
export type Probe = {
  readonly reach: Reach;
  readonly version: NonNullable<Readings['version']>;
  readonly connection?: Connection;
};

/**
 * First TCP, TLS and Version as what we are. Where the certificate is not from the cluster's CA, and only if
 * `mayEnterMaintenance`, a second look without verifying and without showing any certificate of ours: a node in
 * maintenance mode answers that, a running node of another cluster demands a certificate.
 *
 * `meanwhile` may ask more over the connection while the version is on its way: most nodes do answer. Where this one
 * does not, the connection is closed, and with it whatever was asked.
 */
export async function probeNode(
  access: ClusterAccess,
  target: NodeTarget,
  sweep: Sweep,
  mayEnterMaintenance: boolean,
  meanwhile: (source: Source) => void = () => {},
): Promise<Probe> {
  const { name, address } = target;
  const source = sourceOf(machineService.version);
  const allowed = mayDial(address, access);
  if (!allowed.ok) {
    const error = { code: 'address_not_allowed', node: name, source, text: allowed.error } as const;
    return { reach: { mode: 'refused', error: toReadingError(error) }, version: failedReading(address, error) };
  }
  const { budget } = sweep;
  const connection = openConnection({ node: name, budget, tls: verified(access, address, access.reader) });
  const versionSaid = takeReading(sweep, { connection, name, address }, source, readVersion);
  meanwhile({ connection, name, address });
  const version = await versionSaid;
  const { peer } = connection.tls;
  const shown = {
    ...(peer === undefined ? {} : { certificate: describePeer(peer, access.caPem) }),
    ourCertificateEndsAt: endOf(access.reader),
  };
  const mode = version.ok ? 'mtls' : modeOfFailure(version.error.code);
  if (mode === 'mtls') return { reach: { mode, ...shown }, version, connection };

  connection.close();
  const error = version.ok ? {} : { error: version.error };
  const isForeign = !version.ok && version.error.code === 'unknown_authority';
  if (!isForeign || !mayEnterMaintenance || shown.certificate === undefined) {
    return { reach: { mode, ...error, ...shown }, version };
  }
  const look = await lookUnverified(access, target, sweep, shown.certificate);
  if (look.connection === undefined) return { reach: look.reach, version };
  return { reach: look.reach, version, connection: look.connection };
}

async function lookUnverified(
  access: ClusterAccess,
  { name, address }: NodeTarget,
  sweep: Sweep,
  certificate: PeerCertificate,
): Promise<{ readonly reach: Reach; readonly connection?: Connection }> {
  // Pinned to the certificate of the first look, so that what is reported is what was spoken to.
  const tls = unverified(access, address, (peer) => spkiOf(peer) === certificate.spki);
  const connection = openConnection({ node: name, budget: sweep.budget, tls });
  const source: Source = { connection, name, address };
  const status = await takeReading(sweep, source, machineStatus.type, resource(machineStatus, MACHINE_STATUS_ID));
  if (status.ok && status.value.stage === 'maintenance') {
    return { reach: { mode: 'maintenance', certificate }, connection };
  }
  connection.close();
  const error = status.ok ? foreignAndOpen(name, status.value.stage) : asForeign(status.error, name);
  return { reach: { mode: modeOfFailure(error.code) === 'silent' ? 'silent' : 'refused', error, certificate } };
}

const foreignAndOpen = (name: string, stage: string): ReadingError => ({
  code: 'unknown_authority',
  message: `The certificate of ${name} is not from this cluster's CA, and its stage is ${stage}, not maintenance.`,
});

/** No certificate was sent, so a refused one is a missing one, whichever alert the server chose. */
function asForeign(error: ReadingError, name: string): ReadingError {
  if (error.code !== 'client_certificate_required' && error.code !== 'client_certificate_refused') return error;
  const message = `The certificate of ${name} is not from this cluster's CA and it demands one of us: a node of another cluster, or a rotated CA.`;
  return { code: 'client_certificate_required', message };
}

/** `mtls`: the handshake was fine for both, only the call failed, which is for the readings to say. */
export function modeOfFailure(code: string): 'silent' | 'refused' | 'mtls' {
  if (SILENT.has(code)) return 'silent';
  return REFUSED.has(code) ? 'refused' : 'mtls';
}
const SILENT: ReadonlySet<string> = new Set<TalosErrorCode>([
  'connection_refused',
  'connection_timeout',
  'connection_reset',
  'no_route',
  'handshake_timeout',
  'not_tls', // whatever stands there, the node may answer its control planes
  'unreachable',
  'cancelled',
]);
const REFUSED: ReadonlySet<string> = new Set<TalosErrorCode>([
  'unknown_authority',
  'server_certificate_expired',
  'wrong_server_name',
  'client_certificate_required',
  'client_certificate_refused',
  'client_certificate_expired',
  'permission_denied',
  'spki_changed',
  'address_not_allowed',
]);
