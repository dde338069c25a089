import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskConsole } from '../../lib/audit/mask-console.ts';

const key = fc.string().map((seed) => createHash('sha256').update(seed).digest('base64'));

test('wherever a key stands in a record, its start is masked and the record stays readable', () => {
  fc.assert(
    fc.property(key, fc.string(), (spki, around) => {
      const start = spki.slice(0, 8);
      const record = {
        boot: `id:a spki:${spki} time:1`,
        request: { mode: 'AUTO', spki },
        consoleFingerprint: start,
        because: `${around} ${spki}.`,
        says: `the console shows "${spki}"`,
        log: `server certificate fingerprint:\n\t${spki}`,
      };
      const masked: unknown = JSON.parse(maskConsole(JSON.stringify(record)));
      expect(JSON.stringify(masked)).not.toContain(start);
      expect(masked).toMatchObject({ consoleFingerprint: '••••••••', request: { spki: `••••••••${spki.slice(8)}` } });
    }),
  );
});

test('hashes in hex, digests and empty fingerprints stay as they are', () => {
  const record = { hash: 'a'.repeat(64), configSha256: '0'.repeat(64), consoleFingerprint: '', uuid: 'spki' };
  expect(maskConsole(JSON.stringify(record))).toBe(JSON.stringify(record));
});
