import * as net from 'node:net';
import type { PeerCertificate } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { DialError } from './channel-tls.ts';
import { classifyTransport } from './classify.ts';
import { openConnection } from './connection.ts';
import { describeTalosError } from './describe-talos-error.ts';
import { mayDial } from './dial-rules.ts';
import { CONNECT_MS, unverified } from './node-policy.ts';
import { describePeer } from './peer-certificate.ts';
import { probeNode } from './probe.ts';
import { MACHINE_STATUS_ID, machineStatus } from './resources/runtime.ts';
import { resource, startSweep, takeReading } from './sweep.ts';
import type { ClusterAccess, NodeTarget } from './talos.ts';
import type { TalosErrorCode } from './talos-error.ts';

/**
 * What stands at an address, outermost layer first: TCP, TLS, Talos. What was not reached is absent.
 * `code`: `answers` (Talos speaks with us), `maintenance` (it speaks with everybody), `running` (a Talos node that wants
 * a certificate, and none was at hand), or the code of a TalosError.
 */
export type AddressProbe = {
  readonly address: string;
  readonly port: number;
  readonly code: string;
  /** One sentence for a person: what this is, or what to look at. */
  readonly says: string;
  /** Milliseconds until TCP was open. */
  readonly tcpMs?: number;
  readonly certificate?: PeerCertificate;
  readonly version?: string;
  /** Until when our own certificate is good, ISO 8601; where one was shown. */
  readonly ourCertificateEndsAt?: string;
};
export type ProbeAccess = Pick<ClusterAccess, 'nodeCidrs' | 'isSimulated' | 'port'> & {
  /** Without it only what a node tells everybody is seen. */
  readonly identity?: Pick<ClusterAccess, 'cluster' | 'caPem' | 'reader'>;
};

/** Never throws, never longer than about 20 s, and nothing of it stays open. */
export async function probeAddress(address: string, access: ProbeAccess): Promise<AddressProbe> {
  const { port, identity } = access;
  const place = { address, port };
  const failed = (code: TalosErrorCode, text: string) =>
    ({ ...place, code, says: describeTalosError({ code, node: address, source: 'dial', text }) }) as const;
  const allowed = mayDial(address, access);
  if (!allowed.ok) return failed('address_not_allowed', allowed.error);
  const startedMs = performance.now();
  const refusal = await openTcp(address, port);
  if (refusal !== undefined) return failed(classifyTransport(refusal) ?? 'unreachable', refusal.message);
  const tcpMs = Math.round(performance.now() - startedMs);
  const found = identity === undefined ? await asAnybody(address, access) : await asOurs(address, access, identity);
  return { ...place, tcpMs, ...found };
}

/** undefined: it opened. */
function openTcp(host: string, port: number): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port });
    const end = (error?: Error) => {
      clearTimeout(slow);
      socket.destroy();
      resolve(error);
    };
    const slow = setTimeout(() => end(new DialError('ETIMEDOUT', `no TCP answer within ${CONNECT_MS} ms`)), CONNECT_MS);
    socket.once('connect', () => end());
    socket.once('error', end);
  });
}

type Found = Pick<AddressProbe, 'code' | 'says' | 'certificate' | 'version' | 'ourCertificateEndsAt'>;

const MAINTENANCE =
  'The node is in maintenance mode: it waits for a machine config and takes one from anybody. Compare the SPKI fingerprint with the one on its console.';

/** With the cluster's certificate: what Medic itself would meet. */
async function asOurs(
  address: string,
  access: ProbeAccess,
  identity: NonNullable<ProbeAccess['identity']>,
): Promise<Found> {
  const stop = new AbortController();
  const target: NodeTarget = { ...identity, name: address, role: 'controlplane', address, lastKnownVersion: undefined };
  const probe = await probeNode({ ...access, ...identity }, target, startSweep(stop.signal), true);
  probe.connection?.close();
  const { mode, certificate, error, ourCertificateEndsAt } = probe.reach;
  const shown = {
    ...(certificate === undefined ? {} : { certificate }),
    ...(ourCertificateEndsAt === undefined ? {} : { ourCertificateEndsAt }),
  };
  if (mode === 'maintenance') return { ...shown, code: 'maintenance', says: MAINTENANCE };
  const version = readValue(probe.version)?.tag;
  if (version !== undefined)
    return { ...shown, code: 'answers', says: 'Talos answers and takes our certificate.', version };
  const cause = error ?? (probe.version.ok ? undefined : probe.version.error);
  return { ...shown, code: cause?.code ?? 'failed', says: cause?.message ?? 'Talos did not say its version.' };
}

/** Without any: a node in maintenance mode answers, a running one demands a certificate. */
async function asAnybody(address: string, access: ProbeAccess): Promise<Found> {
  const sweep = startSweep(new AbortController().signal);
  const connection = openConnection({
    node: address,
    budget: sweep.budget,
    tls: unverified(access, address, () => true),
  });
  try {
    const source = { connection, name: address, address };
    const status = await takeReading(sweep, source, machineStatus.type, resource(machineStatus, MACHINE_STATUS_ID));
    const { peer } = connection.tls;
    const shown = peer === undefined ? {} : { certificate: describePeer(peer, '') };
    if (status.ok && status.value.stage === 'maintenance') return { ...shown, code: 'maintenance', says: MAINTENANCE };
    if (status.ok) {
      const says = `Something answers everybody and calls itself a machine that is ${status.value.stage}; Talos would not.`;
      return { ...shown, code: 'failed', says };
    }
    const { code } = status.error;
    if (code !== 'client_certificate_required' && code !== 'client_certificate_refused') {
      return { ...shown, code, says: status.error.message };
    }
    const says =
      'A running Talos node: it speaks only with those who have a certificate. Give one: --talosconfig FILE.';
    return { ...shown, code: 'running', says };
  } finally {
    connection.close();
  }
}
