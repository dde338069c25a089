import { createHash } from 'node:crypto';
import type { Data } from '../../lib/talos/generated/common/common.ts';
import { refusal } from './access.ts';
import type { CallContext } from './call-context.ts';
import { isEtcdUp } from './etcd.ts';
import { checkControlPlane, LOCAL_ETCD_IS_DOWN } from './etcd-calls.ts';
import { etcdFileOf } from './etcd-file.ts';
import { StreamRefusal } from './streams.ts';

/** Talos sends 1 KiB at a time; nobody may rely on that, and a simulated file need not take as long. */
const CHUNK_BYTES = 64 * 1024;
const PAGE_BYTES = 4096;
/** Where bbolt's two meta pages say what they are. Source: bbolt, page.go, db.go. */
const MAGIC_AT = 16;
const MAGIC = 0xed0cdaed;

/** The database file page by page, the same for the same seed and member, then the SHA-256 of all of it, as etcd does. */
export async function* etcdSnapshot(context: CallContext): AsyncGenerator<Data> {
  const { around, node } = context;
  const refused = checkControlPlane(context, 'etcd snapshot');
  if (refused) throw new StreamRefusal(refused);
  if (!isEtcdUp(node)) {
    const { code, details } = LOCAL_ETCD_IS_DOWN;
    throw new StreamRefusal(refusal(code, `failed reading etcd snapshot: ${details}`));
  }
  const { bytes } = etcdFileOf(node);
  const whole = createHash('sha256');
  const filler = createHash('sha256').update(`${around.state.seed} ${node.name} etcd`).digest();
  for (let at = 0; at < bytes; at += CHUNK_BYTES) {
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, bytes - at), filler);
    chunk.writeUInt32LE((at / CHUNK_BYTES) >>> 0, 0);
    if (at === 0) for (const page of [0, PAGE_BYTES]) chunk.writeUInt32LE(MAGIC, page + MAGIC_AT);
    whole.update(chunk);
    yield { bytes: chunk };
  }
  yield { bytes: whole.digest() };
}
