import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { err, ok, type Result } from '../result.ts';
import type { DataKeyMaker, DataKeyOpener } from './data-keys.ts';

const Base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));
const Sealed = z.object({
  format: z.literal('medic-config-1'),
  keyId: z.string().max(500),
  wrapped: Base64,
  iv: Base64.refine((bytes) => bytes.length === 12),
  tag: Base64.refine((bytes) => bytes.length === 16),
  data: Base64,
});
/** A config is a megabyte at most; base64 adds a third. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * AES-256-GCM under a key of its own that is wrapped by another one. The object's name is authenticated with it: moved
 * under another name, a backup of another machine or time does not open.
 */
export async function sealConfig(text: string, name: string, keys: DataKeyMaker): Promise<Uint8Array> {
  const { plain, wrapped, keyId } = await keys.make(name);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', plain, iv).setAAD(Buffer.from(name));
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  plain.fill(0);
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const sealed = { wrapped: base64(wrapped), iv: base64(iv), tag: base64(cipher.getAuthTag()), data: base64(data) };
  return Buffer.from(JSON.stringify({ format: 'medic-config-1', keyId, ...sealed }));
}

/** Errors: one sentence. */
export async function openConfig(
  bytes: Uint8Array,
  name: string,
  sha256: string,
  keys: DataKeyOpener,
): Promise<Result<string, string>> {
  const sealed = Sealed.safeParse(parseJson(bytes));
  if (!sealed.success) return err('The backup is damaged: it is not in the form in which backups are written.');
  const { iv, tag, data, wrapped, keyId } = sealed.data;
  const key = await keys.open({ wrapped, keyId }, name);
  if (!key.ok) return key;
  let text: string;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.value, iv).setAAD(Buffer.from(name)).setAuthTag(tag);
    text = Buffer.concat([decipher.update(data), decipher.final()]).toString('utf8');
  } catch {
    return err('The backup does not open: it was changed, or lies under the name of another one.');
  }
  const hash = createHash('sha256').update(text).digest('hex');
  return hash === sha256 ? ok(text) : err('The backup is not what its name says (another SHA-256).');
}

function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_BYTES) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
