import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { err, ok, type Result } from '../result.ts';
import type { DataKey, KeyOpener, KeyUse } from './data-keys.ts';

/**
 * A sealed file: one line of JSON that says for what it is and holds the wrapped key, then AES-256-GCM of the content, then
 * the tag of 16 bytes. The line is authenticated too. At most 64 GiB, as GCM takes with one key.
 */
const Header = z.strictObject({
  format: z.literal('medic-sealed-1'),
  keyId: z.string(),
  wrapped: z.string(),
  iv: z.string(),
  use: z.strictObject({ kind: z.enum(['etcd_snapshot', 'machine_config']), cluster: z.string(), node: z.string() }),
});

const MAX_HEADER_BYTES = 16 * 1024;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Parts of a sealed file, in order: the header, what `add` returns for each piece, the end. */
export type Sealing = {
  readonly header: Uint8Array;
  readonly add: (content: Uint8Array) => Uint8Array;
  readonly end: () => Uint8Array;
};

export function seal({ plain, wrapped, keyId }: DataKey, use: KeyUse): Sealing {
  const iv = randomBytes(IV_BYTES);
  const line = { format: 'medic-sealed-1', keyId, wrapped, iv: iv.toString('base64url'), use };
  const header = Buffer.from(`${JSON.stringify(line)}\n`);
  const cipher = createCipheriv('aes-256-gcm', plain, iv).setAAD(header);
  return {
    header,
    add: (content) => cipher.update(content),
    end: () => Buffer.concat([cipher.final(), cipher.getAuthTag()]),
  };
}

/**
 * Writes the content and says for what it was. Only `ok` means that it is the content: it is known at the end alone, so
 * whoever writes keeps it apart until then.
 */
export async function unseal(
  file: AsyncIterable<Uint8Array>,
  keys: KeyOpener,
  write: (content: Uint8Array) => Promise<void>,
): Promise<Result<KeyUse, string>> {
  let pending = Buffer.alloc(0);
  let opened: Opened | undefined;
  for await (const part of file) {
    pending = Buffer.concat([pending, part]);
    if (opened === undefined) {
      const end = pending.indexOf('\n') + 1;
      if (end === 0 && pending.length > MAX_HEADER_BYTES) return err(NOT_SEALED);
      if (end === 0) continue;
      const begun = await begin(pending.subarray(0, end), keys);
      if (!begun.ok) return begun;
      opened = begun.value;
      pending = pending.subarray(end);
    }
    const cut = pending.length - TAG_BYTES;
    if (cut <= 0) continue;
    await write(opened.decipher.update(pending.subarray(0, cut)));
    pending = pending.subarray(cut);
  }
  if (opened === undefined) return err(NOT_SEALED);
  if (pending.length !== TAG_BYTES) return err(CHANGED);
  try {
    opened.decipher.setAuthTag(pending);
    await write(opened.decipher.final());
  } catch {
    return err(CHANGED);
  }
  return ok(opened.use);
}

const NOT_SEALED = 'This is no file that Medic sealed.';
const CHANGED = 'The file was changed, or its end is missing.';

type Opened = { readonly decipher: ReturnType<typeof decipherOf>; readonly use: KeyUse };

const decipherOf = (key: Uint8Array, iv: Uint8Array, header: Uint8Array) =>
  createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES }).setAAD(header);

async function begin(line: Buffer, keys: KeyOpener): Promise<Result<Opened, string>> {
  const header = Header.safeParse(parseJson(line.toString('utf8')));
  const iv = header.success ? Buffer.from(header.data.iv, 'base64url') : undefined;
  if (!header.success || iv?.length !== IV_BYTES) return err(NOT_SEALED);
  const { wrapped, use } = header.data;
  const key = await keys.open(wrapped, use);
  return key.ok ? ok({ decipher: decipherOf(key.value, iv, line), use }) : key;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
