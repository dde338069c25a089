import 'reflect-metadata';
import { createHash, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { kept } from './kept.ts';

x509.cryptoProvider.set(webcrypto);

/** A certificate with its key, as Talos writes them: PEM, the key under the label `ED25519 PRIVATE KEY`. */
export type Issued = { readonly certPem: string; readonly keyPem: string };
export type CertificateRequest = {
  readonly organizations: readonly string[];
  readonly commonName?: string;
  readonly usage: 'ca' | 'server' | 'client';
  readonly addresses?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
};

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
const ED25519 = { name: 'Ed25519' };
const EKU = { server: x509.ExtendedKeyUsage.serverAuth, client: x509.ExtendedKeyUsage.clientAuth };

const pem = (label: string, der: ArrayBuffer): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der)
    .toString('base64')
    .replaceAll(/.{64}(?!$)/g, '$&\n')}\n-----END ${label}-----\n`;

/** OpenSSL does not know the label of Talos. */
export const openSslKey = (keyPem: string): string => keyPem.replaceAll('ED25519 PRIVATE KEY', 'PRIVATE KEY');

/** One CA signs for many nodes. */
const subjectOf = kept((certPem) => new x509.X509Certificate(certPem).subjectName.toJSON());
const signingKeyOf = kept((keyPem) => {
  const der = Buffer.from(keyPem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  return webcrypto.subtle.importKey('pkcs8', der, ED25519, false, ['sign']);
});

/** A certificate with a fresh Ed25519 key, signed by `issuer` or by itself. */
export async function issue(request: CertificateRequest, issuer?: Issued): Promise<Issued> {
  const keys = await webcrypto.subtle.generateKey(ED25519, true, ['sign', 'verify']);
  if (!('privateKey' in keys)) throw new Error('Ed25519 gave no key pair');
  const { usage, addresses = [], dnsNames = [] } = request;
  const names: { [attribute: string]: string[] }[] = request.organizations.map((name) => ({ O: [name] }));
  if (request.commonName !== undefined) names.push({ CN: [request.commonName] });
  const alternatives = [
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...addresses.map((value) => ({ type: 'ip' as const, value })),
  ];
  const flags = x509.KeyUsageFlags;
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(usage === 'ca', undefined, true),
    new x509.KeyUsagesExtension(
      usage === 'ca' ? flags.digitalSignature | flags.keyCertSign : flags.digitalSignature,
      true,
    ),
    await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
  ];
  if (usage !== 'ca') extensions.push(new x509.ExtendedKeyUsageExtension([EKU[usage]]));
  if (alternatives.length > 0) extensions.push(new x509.SubjectAlternativeNameExtension(alternatives));
  const shared = {
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(15)))
      .toString('hex')
      .replace(/^./, '4'),
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    signingAlgorithm: ED25519,
    extensions,
  };
  const certificate = issuer
    ? await x509.X509CertificateGenerator.create({
        ...shared,
        subject: names,
        issuer: subjectOf(issuer.certPem),
        signingKey: await signingKeyOf(issuer.keyPem),
        publicKey: keys.publicKey,
      })
    : await x509.X509CertificateGenerator.createSelfSigned({ ...shared, name: names, keys });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { certPem: pem('CERTIFICATE', certificate.rawData), keyPem: pem('ED25519 PRIVATE KEY', key) };
}

/** Start a minute early, so that a client whose clock is a little behind accepts it. */
const from = (now: number, lifetimeMs: number) => ({
  notBefore: new Date(now - 60_000),
  notAfter: new Date(now + lifetimeMs),
});

export const issueCa = (now: number): Promise<Issued> =>
  issue({ organizations: ['talos'], usage: 'ca', ...from(now, 10 * YEAR_MS) });

/** Lifetime of a node's certificate. Source: Talos, TalosAPIDefaultCertificateValidityDuration. */
export const NODE_CERTIFICATE_MS = 24 * HOUR_MS;

export const issueNodeCertificate = (ca: Issued, hostname: string, address: string, now: number): Promise<Issued> =>
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

export const issueExpiredCertificate = (ca: Issued, hostname: string, address: string, now: number): Promise<Issued> =>
  issueNodeCertificate(ca, hostname, address, now - 3 * NODE_CERTIFICATE_MS);

/** Maintenance mode: a CA of this boot signs a certificate of this boot; nobody is given that CA. */
export async function issueMaintenanceCertificate(address: string, now: number): Promise<Issued> {
  return issueNodeCertificate(await issueCa(now), 'maintenance-service.talos.dev', address, now);
}

export const issueClientCertificate = (ca: Issued, role: string, now: number): Promise<Issued> =>
  issue({ organizations: [role], usage: 'client', ...from(now, YEAR_MS) }, ca);

/** Good for a year, until yesterday. */
export const issueExpiredClientCertificate = (ca: Issued, role: string, now: number): Promise<Issued> =>
  issueClientCertificate(ca, role, now - YEAR_MS - 24 * HOUR_MS);

/** base64(SHA-256(SubjectPublicKeyInfo)), as the console prints it. */
export function spkiOf(certPem: string): string {
  const { rawData } = new x509.X509Certificate(certPem).publicKey;
  return createHash('sha256').update(Buffer.from(rawData)).digest('base64');
}

export const expiresAt = kept((certPem) => Date.parse(new X509Certificate(certPem).validTo));
