import { createHash } from 'node:crypto';
import type { Blobs } from '../../lib/blobs/blobs.ts';
import type { Vault } from '../../lib/blobs/vault.ts';
import { ok } from '../../lib/result.ts';

/** Names and sizes of what was kept. */
export function memoryVault(): Vault & { readonly kept: Map<string, number> } {
  const kept = new Map<string, number>();
  return {
    kept,
    async begin(name) {
      const parts: Uint8Array[] = [];
      return ok({
        write: async (bytes) => ok(void parts.push(bytes)),
        async keep() {
          const whole = Buffer.concat(parts);
          kept.set(name, whole.length);
          const sha256 = createHash('sha256').update(whole).digest('hex');
          return ok({ place: name, sizeBytes: whole.length, sha256 });
        },
        drop: async () => {},
      });
    },
  };
}

export function memoryBlobs(): Blobs & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    async put(content) {
      const hash = createHash('sha256').update(content).digest('hex');
      kept.set(hash, Buffer.from(content).toString('utf8'));
      return hash;
    },
    async get(hash) {
      const found = kept.get(hash);
      return found === undefined ? undefined : Buffer.from(found);
    },
  };
}
