import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KeyUse } from '../../lib/sealing/data-keys.ts';
import { fileDataKeys } from '../../lib/sealing/file-data-keys.ts';
import { seal, unseal } from '../../lib/sealing/sealed-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medic-sealing-'));
});
afterEach(() => rm(folder, { recursive: true }));
const keyFile = () => join(folder, 'sealing.key');

const use: KeyUse = { kind: 'etcd_snapshot', cluster: 'test', node: 'cp-1' };

async function sealed(content: Buffer, keys = fileDataKeys(keyFile())): Promise<Buffer> {
  const key = await keys.create(use);
  if (!key.ok) throw new Error(key.error);
  const { header, add, end } = seal(key.value, use);
  return Buffer.concat([header, add(content.subarray(0, 5)), add(content.subarray(5)), end()]);
}

/** Read in pieces of `size` bytes. */
async function opened(file: Buffer, size = file.length, keys = fileDataKeys(keyFile())) {
  const parts: Buffer[] = [];
  async function* pieces() {
    for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
  }
  const result = await unseal(pieces(), keys, async (content) => void parts.push(Buffer.from(content)));
  return { result, content: Buffer.concat(parts).toString() };
}

test('comes back whole, for the use that it was sealed for, in pieces of any size', async () => {
  const file = await sealed(Buffer.from('the secrets of a cluster'));
  expect(file.toString('latin1')).not.toContain('secrets');
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: file.length }), async (size) => {
      expect(await opened(file, size)).toEqual({
        result: { ok: true, value: use },
        content: 'the secrets of a cluster',
      });
    }),
    { numRuns: 30 },
  );
});

test('nothing is content as well', async () => {
  expect(await opened(await sealed(Buffer.alloc(0)))).toEqual({ result: { ok: true, value: use }, content: '' });
});

test('every byte counts: one that is changed, added or missing is found', async () => {
  const file = await sealed(Buffer.from('the secrets of a cluster'));
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: file.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const changed = Buffer.from(file);
      changed.writeUInt8(changed.readUInt8(at) ^ flip, at);
      expect((await opened(changed)).result.ok).toBe(false);
    }),
    { numRuns: 200 },
  );
  for (let length = 0; length < file.length; length += 1) {
    expect((await opened(file.subarray(0, length), 64)).result.ok).toBe(false);
  }
  expect((await opened(Buffer.concat([file, Buffer.from('x')]))).result.ok).toBe(false);
});

test('another key file opens nothing, and neither does another use', async () => {
  const file = await sealed(Buffer.from('the secrets'));
  const others = fileDataKeys(join(folder, 'other.key'));
  expect((await opened(file, file.length, others)).result).toEqual({
    ok: false,
    error: 'The key of the file was wrapped by another key, or for another use.',
  });
  const foreign = Buffer.from(file.toString('latin1').replace('"cluster":"test"', '"cluster":"best"'), 'latin1');
  expect((await opened(foreign)).result.ok).toBe(false);
});

test('what is no sealed file is told apart, however long its first line is', async () => {
  const wanted = { ok: false, error: 'This is no file that Medic sealed.' };
  for (const file of [Buffer.from('hello\n'), Buffer.from('{"format":"other"}\n'), Buffer.alloc(100_000, 'x')]) {
    expect((await opened(file, 1_000)).result).toEqual(wanted);
  }
});

test('the key file is made once, for its owner alone, and one that is damaged is no key', async () => {
  const content = Buffer.from('the secrets');
  const file = await sealed(content);
  expect((await stat(keyFile())).mode & 0o077).toBe(0);
  expect((await opened(file)).content).toBe('the secrets');
  await writeFile(keyFile(), 'c2hvcnQ\n');
  expect(() => fileDataKeys(keyFile())).toThrow('holds no key of 32 bytes');
});
