import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readIfThere, writeWholeFile } from '../blobs/whole-file.ts';
import { err, ok } from '../result.ts';
import type { DataKeyMaker, DataKeyOpener } from './data-keys.ts';

/** RSA-OAEP: with the public half a backup is closed, only the private half opens it. */
const PRIVATE = 'config-backup-key.pem';
const PUBLIC = 'config-backup-key.pub.pem';
const BITS = 3072;
const KEY_BYTES = 32;

const oaep = (key: KeyObject, context: string) => ({
  key,
  padding: constants.RSA_PKCS1_OAEP_PADDING,
  oaepHash: 'sha256',
  oaepLabel: Buffer.from(context),
});
const keyIdOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);

/** Both halves in a folder, made when they are not there. Whoever loses the private one loses every backup. */
export async function ensureKeyFiles(folder: string): Promise<void> {
  if ((await readIfThere(join(folder, PUBLIC))) !== undefined) return;
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: BITS });
  await writeWholeFile(join(folder, PRIVATE), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  // the other half is that of the file, whoever wrote it
  const kept = createPrivateKey(Buffer.from((await readIfThere(join(folder, PRIVATE))) ?? ''));
  await writeWholeFile(join(folder, PUBLIC), createPublicKey(kept).export({ type: 'spki', format: 'pem' }));
}

/** Reads the public file only. Throws when there is none. */
export const publicKeyFile = (folder: string): DataKeyMaker => ({
  async make(context) {
    const pem = await readIfThere(join(folder, PUBLIC));
    if (pem === undefined) throw new Error(`there is no ${PUBLIC} in ${folder}`);
    const key = createPublicKey(Buffer.from(pem));
    const plain = randomBytes(KEY_BYTES);
    return { plain, wrapped: publicEncrypt(oaep(key, context), plain), keyId: keyIdOf(key) };
  },
});

export const privateKeyFile = (folder: string): DataKeyOpener => ({
  async open({ wrapped, keyId }, context) {
    const pem = await readIfThere(join(folder, PRIVATE));
    if (pem === undefined) return err(`The key ${PRIVATE} is not there, so no backup can be opened.`);
    const key = createPrivateKey(Buffer.from(pem));
    if (keyIdOf(createPublicKey(key)) !== keyId) return err('The backup was closed for another key than the one here.');
    try {
      return ok(privateDecrypt(oaep(key, context), wrapped));
    } catch {
      return err('The key of the backup cannot be unwrapped: it was changed, or belongs to another object.');
    }
  },
});
