import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { bits, elementsOf, integer, octets, oid, sequence, TRUE, time, tlv, utf8 } from './der.ts';
import { kept } from './kept.ts';

/** A certificate with its key, as Talos writes them: PEM, the key under the label `ED25519 PRIVATE KEY`. */
export type Issued = { readonly certPem: string; readonly keyPem: string };
export type CertificateRequest = {
  readonly organizations: readonly string[];
  readonly commonName?: string;
  readonly usage: 'ca' | 'server' | 'client';
  /** IPv4. */
  readonly addresses?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
};

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
const ED25519 = sequence(oid('1.3.101.112'));
const [O, CN] = ['2.5.4.10', '2.5.4.3'];
const EKU = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' };
const SIGNATURE_AND_CERT_SIGN = bits(2, Buffer.of(0x84));
const SIGNATURE = bits(7, Buffer.of(0x80));

const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${der.toString('base64').replaceAll(/.{64}(?!$)/g, '$&\n')}\n-----END ${label}-----\n`;

/** OpenSSL does not know the label of Talos. */
export const openSslKey = (keyPem: string): string => keyPem.replaceAll('ED25519 PRIVATE KEY', 'PRIVATE KEY');

/** The last 32 bytes of an Ed25519 SubjectPublicKeyInfo are the key. */
const keyIdOf = (spki: Buffer): Buffer => createHash('sha1').update(spki.subarray(-32)).digest();

/** One CA signs for many nodes. */
const subjectOf = kept((certPem): Buffer => {
  const [tbs = Buffer.alloc(0)] = elementsOf(new X509Certificate(certPem).raw);
  const [, , , , , subject] = elementsOf(tbs); // behind version, serial, algorithm, issuer, validity
  if (subject === undefined) throw new Error('a certificate without a subject');
  return subject;
});
const spkiDerOf = kept(
  (certPem): Buffer => new X509Certificate(certPem).publicKey.export({ type: 'spki', format: 'der' }),
);
const signingKeyOf = kept((keyPem) => createPrivateKey(openSslKey(keyPem)));

const attribute = (type: string, value: string): Buffer => tlv(0x31, sequence(oid(type), utf8(value)));
const extension = (id: string, value: Buffer, isCritical = false): Buffer =>
  sequence(oid(id), ...(isCritical ? [TRUE] : []), octets(value));

/** A certificate with a fresh Ed25519 key, signed by `issuer` or by itself. Source of the form: RFC 5280, RFC 8410. */
export function issue(request: CertificateRequest, issuer?: Issued): Issued {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const { organizations, commonName, usage, addresses = [], dnsNames = [], notBefore, notAfter } = request;
  const subject = sequence(
    ...organizations.map((name) => attribute(O, name)),
    ...(commonName === undefined ? [] : [attribute(CN, commonName)]),
  );
  const alternatives = [
    ...dnsNames.map((name) => tlv(0x82, Buffer.from(name))),
    ...addresses.map((address) => tlv(0x87, Buffer.from(address.split('.').map(Number)))),
  ];
  const isCa = usage === 'ca';
  const extensions = [
    extension('2.5.29.19', isCa ? sequence(TRUE) : sequence(), true),
    extension('2.5.29.15', isCa ? SIGNATURE_AND_CERT_SIGN : SIGNATURE, true),
    extension('2.5.29.14', octets(keyIdOf(spki))),
    extension('2.5.29.35', sequence(tlv(0x80, keyIdOf(issuer ? spkiDerOf(issuer.certPem) : spki)))),
    ...(isCa ? [] : [extension('2.5.29.37', sequence(oid(EKU[usage])))]),
    ...(alternatives.length === 0 ? [] : [extension('2.5.29.17', sequence(...alternatives))]),
  ];
  const serial = randomBytes(15).map((byte, n) => (n === 0 ? (byte & 0x0f) | 0x40 : byte));
  const tbs = sequence(
    tlv(0xa0, integer(Buffer.of(2))), // version 3
    integer(serial),
    ED25519,
    issuer ? subjectOf(issuer.certPem) : subject,
    sequence(time(notBefore), time(notAfter)),
    subject,
    spki,
    tlv(0xa3, sequence(...extensions)),
  );
  const signature = sign(null, tbs, issuer ? signingKeyOf(issuer.keyPem) : privateKey);
  return {
    certPem: pem('CERTIFICATE', sequence(tbs, ED25519, bits(0, signature))),
    keyPem: pem('ED25519 PRIVATE KEY', privateKey.export({ type: 'pkcs8', format: 'der' })),
  };
}

/** Start a minute early, so that a client whose clock is a little behind accepts it. */
const from = (now: number, lifetimeMs: number) => ({
  notBefore: new Date(now - 60_000),
  notAfter: new Date(now + lifetimeMs),
});

export const issueCa = (now: number): Issued =>
  issue({ organizations: ['talos'], usage: 'ca', ...from(now, 10 * YEAR_MS) });

/** Lifetime of a node's certificate. Source: Talos, TalosAPIDefaultCertificateValidityDuration. */
export const NODE_CERTIFICATE_MS = 24 * HOUR_MS;

export const issueNodeCertificate = (ca: Issued, hostname: string, address: string, now: number): Issued =>
  issue(
    {
      organizations: [],
      commonName: hostname,
      usage: 'server',
      addresses: [address],
      dnsNames: [hostname],
      ...from(now, NODE_CERTIFICATE_MS),
    },
    ca,
  );

export const issueExpiredCertificate = (ca: Issued, hostname: string, address: string, now: number): Issued =>
  issueNodeCertificate(ca, hostname, address, now - 3 * NODE_CERTIFICATE_MS);

/** Maintenance mode: a CA of this boot signs a certificate of this boot; nobody is given that CA. */
export const issueMaintenanceCertificate = (address: string, now: number): Issued =>
  issueNodeCertificate(issueCa(now), 'maintenance-service.talos.dev', address, now);

export const issueClientCertificate = (ca: Issued, role: string, now: number): Issued =>
  issue({ organizations: [role], usage: 'client', ...from(now, YEAR_MS) }, ca);

/** Good for a year, until yesterday. */
export const issueExpiredClientCertificate = (ca: Issued, role: string, now: number): Issued =>
  issueClientCertificate(ca, role, now - YEAR_MS - 24 * HOUR_MS);

/** Good for a year, of which ten days are left. */
export const issueEndingClientCertificate = (ca: Issued, role: string, now: number): Issued =>
  issueClientCertificate(ca, role, now - YEAR_MS + 10 * 24 * HOUR_MS);

/** base64(SHA-256(SubjectPublicKeyInfo)), as the console prints it. */
export const spkiOf = (certPem: string): string => createHash('sha256').update(spkiDerOf(certPem)).digest('base64');

export const expiresAt = kept((certPem) => Date.parse(new X509Certificate(certPem).validTo));
