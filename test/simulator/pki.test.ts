import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  expiresAt,
  type Issued,
  issue,
  issueCa,
  issueClientCertificate,
  issueMaintenanceCertificate,
  issueNodeCertificate,
  openSslKey,
  spkiOf,
} from '../../simulator/nodes/pki.ts';

const folder = mkdtempSync(join(tmpdir(), 'medic-pki-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NOW = Date.parse('2026-11-20T03:12:07Z');
const x509 = ({ certPem }: Issued) => new X509Certificate(certPem);
const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' });
const stored = (name: string, { certPem }: Issued): string => {
  const file = join(folder, `${name}.pem`);
  writeFileSync(file, certPem);
  return file;
};

test('a node shows a certificate of its CA, for its name and its address, a day long', () => {
  const ca = issueCa(NOW);
  const node = issueNodeCertificate(ca, 'w-1', '127.3.200.9', NOW);
  expect(x509(node).checkIssued(x509(ca))).toBe(true);
  expect(x509(node).verify(x509(ca).publicKey)).toBe(true);
  expect(x509(node).checkPrivateKey(createPrivateKey(openSslKey(node.keyPem)))).toBe(true);
  expect(x509(node)).toMatchObject({ subject: 'CN=w-1', issuer: 'O=talos', ca: false });
  expect(x509(node).subjectAltName).toBe('DNS:w-1, IP Address:127.3.200.9');
  expect(new Date(expiresAt(node.certPem)).toISOString()).toBe('2026-11-21T03:12:07.000Z');
  expect(x509(ca).ca).toBe(true);
  expect(node.keyPem).toMatch(/^-----BEGIN ED25519 PRIVATE KEY-----\n/);
});

test('roles are organizations of the subject, in their order', () => {
  const ca = issueCa(NOW);
  expect(x509(issueClientCertificate(ca, 'os:reader', NOW)).subject).toBe('O=os:reader');
  const dates = { notBefore: new Date(NOW), notAfter: new Date(NOW + 1000) };
  const both = issue({ organizations: ['os:operator', 'os:reader'], usage: 'client', ...dates }, ca);
  expect(x509(both).subject).toBe('O=os:operator\nO=os:reader');
});

/** A second opinion, where there is one; Node's own is asked above. */
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
test.runIf(hasOpenssl)(
  'OpenSSL takes chains at their strictest, also past 2049, and refuses those of another CA',
  () => {
    const [ca, other] = [issueCa(Date.now()), issueCa(Date.now())];
    const [caFile, otherFile] = [stored('ca', ca), stored('other', other)];
    const node = stored('node', issueNodeCertificate(ca, 'cp-1', '10.0.0.1', Date.now()));
    const client = stored('client', issueClientCertificate(ca, 'os:admin', Date.now()));
    const verify = (purpose: string, by: string, file: string) =>
      openssl('verify', '-x509_strict', '-purpose', purpose, '-CAfile', by, file);
    expect(verify('sslserver', caFile, node)).toContain(': OK');
    expect(verify('sslclient', caFile, client)).toContain(': OK');
    expect(() => verify('sslclient', caFile, node)).toThrow();
    expect(() => verify('sslserver', otherFile, node)).toThrow();
    const dates = { notBefore: new Date('2051-01-01T00:00:00Z'), notAfter: new Date('2060-02-03T04:05:06Z') };
    const late = stored('late', issue({ organizations: ['talos'], usage: 'ca', ...dates }));
    expect(openssl('x509', '-noout', '-enddate', '-in', late)).toContain('Feb  3 04:05:06 2060 GMT');
  },
);

test('names of any length up to what DNS allows, and no two certificates alike', () => {
  const ca = issueCa(NOW);
  for (const length of [1, 60, 63, 127, 128, 253]) {
    const name = 'n'.repeat(length);
    expect(x509(issueNodeCertificate(ca, name, '10.0.0.1', NOW)).subject).toBe(`CN=${name}`);
  }
  const two = [issueMaintenanceCertificate('10.0.0.1', NOW), issueMaintenanceCertificate('10.0.0.1', NOW)];
  expect(new Set(two.map(({ certPem }) => spkiOf(certPem))).size).toBe(2);
  expect(new Set(two.map((one) => x509(one).serialNumber)).size).toBe(2);
});
