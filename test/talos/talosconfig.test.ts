import { beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { parseTalosconfig } from '../../lib/talos/talosconfig.ts';
import { type Issued, issueCa, issueClientCertificate } from '../../simulator/nodes/pki.ts';

let ca: Issued;
let reader: Issued;
beforeAll(async () => {
  ca = issueCa(Date.now());
  reader = issueClientCertificate(ca, 'os:reader', Date.now());
});
const base64 = (text: string) => Buffer.from(text).toString('base64');
const context = (more: Record<string, unknown> = {}) => ({
  endpoints: ['10.0.0.1', '10.0.0.2:50000', '[fd00::1]:50000', 'fd00::2'],
  ca: base64(ca.certPem),
  crt: base64(reader.certPem),
  key: base64(reader.keyPem),
  ...more,
});

test('the current context is read, with its role and endpoints without ports', () => {
  const parsed = parseTalosconfig(stringify({ context: 'lab', contexts: { other: {}, lab: context() } }));
  expect(parsed).toMatchObject({
    ok: true,
    value: {
      name: 'lab',
      endpoints: ['10.0.0.1', '10.0.0.2', 'fd00::1', 'fd00::2'],
      caPem: ca.certPem,
      identity: { certPem: reader.certPem, keyPem: reader.keyPem },
      roles: ['os:reader'],
    },
  });
});

test('the only context needs no name, a named one wins', () => {
  expect(parseTalosconfig(stringify({ contexts: { a: context() } }))).toMatchObject({ ok: true, value: { name: 'a' } });
  const two = stringify({ context: 'a', contexts: { a: {}, b: context() } });
  expect(parseTalosconfig(two, 'b')).toMatchObject({ ok: true, value: { name: 'b' } });
});

test.for<readonly [string, () => string, string]>([
  ['no YAML', () => 'a: [', 'not valid YAML'],
  ['no contexts', () => 'context: a\n', 'contexts'],
  ['two contexts and none named', () => stringify({ contexts: { a: {}, b: {} } }), 'no current context'],
  ['an unknown context', () => stringify({ context: 'x', contexts: { a: {} } }), 'no context "x"'],
  ['an inherited name', () => stringify({ context: 'constructor', contexts: { a: {} } }), 'no context "constructor"'],
  ['no CA', () => stringify({ contexts: { a: context({ ca: undefined }) } }), '"ca"'],
  ['a CA that is not base64', () => stringify({ contexts: { a: context({ ca: ca.certPem }) } }), '"ca"'],
  ['no key', () => stringify({ contexts: { a: context({ key: base64('secret-thing') }) } }), '"key"'],
])('%s is one sentence that says where', ([, text, where]) => {
  const parsed = parseTalosconfig(text());
  expect(parsed.ok).toBe(false);
  if (parsed.ok) return;
  expect(parsed.error).toContain(where);
  expect(parsed.error).not.toContain('\n');
  expect(parsed.error).not.toContain('secret-thing');
});

test('a key of another certificate is found', async () => {
  const other = issueClientCertificate(ca, 'os:admin', Date.now());
  const parsed = parseTalosconfig(stringify({ contexts: { a: context({ key: base64(other.keyPem) }) } }));
  expect(parsed).toMatchObject({ ok: false, error: expect.stringContaining('do not belong together') });
});
