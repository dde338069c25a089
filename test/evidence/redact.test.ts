import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_LINE_CHARS, redactLines, redactText } from '../../lib/evidence/redact.ts';

test.for([
  ['password=hunter22 next', 'password=[redacted] next'],
  ['{"password":"hunter22","user":"a"}', '{"password":"[redacted]","user":"a"}'],
  ['Authorization: Bearer eyJhbGciOi', 'Authorization: Bearer [redacted]'],
  ['authorization: Basic dXNlcjpwYXNz', 'authorization: Basic [redacted]'],
  ['sent bearer abcdefghijklmnop', 'sent bearer [redacted]'],
  ['x-vault-token: s.1234567890', 'x-vault-token: [redacted]'],
  ['AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI', 'AWS_SECRET_ACCESS_KEY=[redacted]'],
  ['pull https://user:pa55word@registry.local/x', 'pull https://user:[redacted]@registry.local/x'],
  ['joined with abcdef.0123456789abcdef', 'joined with [redacted]'],
  [`data=${'QUJD'.repeat(12)}=`, 'data=[redacted]'],
  ['got eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl', 'got [redacted]'],
])('%s', ([secret = '', kept]) => {
  expect(redactText(secret)).toEqual({ text: kept, redacted: 1 });
});

test.for([
  'service[ext-gpu](Waiting): Waiting for file "/dev/nvidia0" to exist',
  'task startAllServices (1/1): service "etcd" to be "up"',
  'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'volume phase {"volume": "STATE", "phase": "waiting -> missing", "parentLocation": ""}',
  'etcd member 17290344782362117385 at https://10.0.0.1:2380',
  'partition_uuid=6f1b0a52-7a3e-4c5e-9d1f-0a1b2c3d4e5f',
])('what playbooks need is kept: %s', (line) => {
  expect(redactText(line)).toEqual({ text: line, redacted: 0 });
});

test('a key that spans lines is taken out whole, once, with and without time stamps', () => {
  const body = ['MC4CAQAwBQYDK2VwBCIEIJ', 'abc='];
  const bare = ['before', '-----BEGIN PRIVATE KEY-----', ...body, '-----END PRIVATE KEY-----', 'after'];
  expect(redactLines(bare)).toEqual({
    lines: ['before', '[redacted]', '[redacted]', '[redacted]', '[redacted]', 'after'],
    redacted: 1,
  });
  const stamped = [
    't1 -----BEGIN ED25519 PRIVATE KEY-----',
    `t2 ${body[0]}`,
    't3 -----END ED25519 PRIVATE KEY-----',
    't4 fine',
  ];
  expect(redactLines(stamped).lines).toEqual(['t1 [redacted]', '[redacted]', '[redacted]', 't4 fine']);
  expect(redactText('x -----BEGIN A KEY-----abc-----END A KEY----- password=hunter22').text).toBe(
    'x [redacted] password=[redacted]',
  );
});

test('a block that never ends does not swallow the log', () => {
  const { lines } = redactLines(['-----BEGIN PRIVATE KEY-----', 'kernel: disk is gone, giving up']);
  expect(lines).toEqual(['[redacted]', 'kernel: disk is gone, giving up']);
});

test('hostile lines are cut before they are looked at, and redacting twice changes nothing', () => {
  const hostile = [
    'a='.repeat(50_000),
    'authorization:'.repeat(10_000),
    `${'//a:'.repeat(30_000)}@`,
    '='.repeat(100_000),
  ];
  for (const line of redactLines(hostile).lines) expect(line.length).toBeLessThan(20_000);
  const cut = hostile.map((line) => line.slice(0, MAX_LINE_CHARS + 1));
  expect(redactLines(hostile)).toEqual(redactLines(cut)); // no pattern ever saw the rest
  fc.assert(
    fc.property(fc.array(fc.string()), (lines) => {
      const once = redactLines(lines).lines;
      expect(redactLines(once).lines).toEqual(once);
    }),
  );
});
