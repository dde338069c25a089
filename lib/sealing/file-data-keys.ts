import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import canonicalize from 'canonicalize';
import { err, ok, type Result } from '../result.ts';
import type { DataKeys, KeyOpener, KeyUse } from './data-keys.ts';

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * On one machine: keys wrapped by the key in `file` (32 bytes as base64url), which is made at the first use and readable
 * by its owner alone. Whoever loses the file loses what was sealed.
 */
export function fileDataKeys(file: string): DataKeys & KeyOpener {
  const master = readOrMake(file);
  const keyId = `local-${createHash('sha256').update(master).digest('hex').slice(0, 16)}`;
  return {
    async create(use) {
      const plain = randomBytes(KEY_BYTES);
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', master, iv).setAAD(boundTo(use));
      const sealed = [iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()];
      return ok({ plain, wrapped: Buffer.concat(sealed).toString('base64url'), keyId });
    },
    async open(wrapped, use) {
      return unwrap(master, Buffer.from(wrapped, 'base64url'), use);
    },
  };
}

function unwrap(master: Uint8Array, sealed: Buffer, use: KeyUse): Result<Uint8Array, string> {
  if (sealed.length !== IV_BYTES + KEY_BYTES + TAG_BYTES) return err('The key of the file has another form.');
  const decipher = createDecipheriv('aes-256-gcm', master, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(boundTo(use))
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  const plain = decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES));
  try {
    return ok(Buffer.concat([plain, decipher.final()]));
  } catch {
    return err('The key of the file was wrapped by another key, or for another use.');
  }
}

const boundTo = (use: KeyUse): Buffer => Buffer.from(canonicalize(use) ?? '');

function readOrMake(file: string): Buffer {
  try {
    const made = randomBytes(KEY_BYTES).toString('base64url');
    writeFileSync(file, `${made}\n`, { mode: 0o600, flag: 'wx', flush: true });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url');
  if (key.length !== KEY_BYTES) throw new Error(`${file} holds no key of ${KEY_BYTES} bytes`);
  return key;
}
