import { createHash, X509Certificate } from 'node:crypto';
import type { PeerCertificate } from '../evidence/evidence.ts';
import { isSignedBy } from './channel-tls.ts';
import type { ClientIdentity } from './talos.ts';

/** base64(SHA-256(SubjectPublicKeyInfo)): the form that Talos prints on the console of a node in maintenance mode. */
export function spkiOf(certificate: X509Certificate): string {
  const der = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('base64');
}

/** What the handshake showed. Dates as ISO 8601. */
export function describePeer(certificate: X509Certificate, caPem: string): PeerCertificate {
  return {
    spki: spkiOf(certificate),
    fingerprint256: certificate.fingerprint256,
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    validFrom: isoDate(certificate.validFrom),
    validTo: isoDate(certificate.validTo),
    isSignedByCluster: isSignedBy(certificate, caPem),
  };
}

/** Until when a certificate of ours is good, ISO 8601. */
export const endOf = ({ certPem }: ClientIdentity): string => isoDate(new X509Certificate(certPem).validTo);

const oneLine = (name: string | undefined): string => (name ?? '').split('\n').join(', ').slice(0, 512);

function isoDate(text: string): string {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : at.toISOString();
}
