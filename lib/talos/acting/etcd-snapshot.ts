import { createHash, type Hash } from 'node:crypto';
import { err, ok, type Result } from '../../result.ts';
import { machineService } from '../methods.ts';
import type { SnapshotSink, TalosOperator } from '../orders.ts';
import type { ClusterAccess } from '../talos.ts';
import type { TalosError } from '../talos-error.ts';
import { type Session, withSession } from './session.ts';

const SNAPSHOT = 'machine.MachineService/EtcdSnapshot';
/** etcd ends a snapshot with the SHA-256 of all before it, which is whole sectors. Source: etcd, client/v3/snapshot. */
const SECTOR_BYTES = 512;
const TRAILER_BYTES = 32;

/** The database file of the contacted member, to a sink that is slower than the node: what it takes is what is asked for. */
export const etcdSnapshots = (access: ClusterAccess): Pick<TalosOperator, 'etcdSnapshot'> => ({
  etcdSnapshot: (target, { sink, maxBytes, deadlineMs }) =>
    withSession(access, target, SNAPSHOT, deadlineMs, (session) => takeSnapshot(session, sink, maxBytes)),
});

type Snapshot = { readonly sizeBytes: number; readonly sha256: string };

async function takeSnapshot(
  { connection, context }: Session,
  sink: SnapshotSink,
  maxBytes: number,
): Promise<Result<Snapshot, TalosError>> {
  const failed = (code: 'too_large' | 'malformed_reply' | 'failed', text: string) =>
    err<TalosError>({ code, node: context.node, source: SNAPSHOT, text });
  const file = new SnapshotFile();
  const frames = connection.follow(machineService.etcdSnapshot, {}, context);
  for (;;) {
    const frame = await frames.next();
    if (frame.done === true) {
      if (frame.value !== undefined) return err(frame.value);
      const problem = file.problem();
      return problem === undefined ? ok(file.facts()) : failed('malformed_reply', problem);
    }
    const { bytes } = frame.value;
    if (file.sizeBytes + bytes.length > maxBytes) {
      await frames.return(undefined);
      return failed('too_large', `the snapshot is larger than ${maxBytes} bytes`);
    }
    file.take(bytes);
    const taken = await sink.write(bytes);
    if (taken.ok) continue;
    await frames.return(undefined);
    return failed('failed', `the snapshot could not be kept: ${taken.error}`);
  }
}

/** Hashes all of it, and all of it but the last 32 bytes, without keeping it. */
class SnapshotFile {
  sizeBytes = 0;
  readonly #whole: Hash = createHash('sha256');
  readonly #content: Hash = createHash('sha256');
  #trailer = Buffer.alloc(0);

  take(bytes: Uint8Array): void {
    this.sizeBytes += bytes.length;
    this.#whole.update(bytes);
    const pending = Buffer.concat([this.#trailer, bytes]);
    const cut = Math.max(0, pending.length - TRAILER_BYTES);
    this.#content.update(pending.subarray(0, cut));
    this.#trailer = pending.subarray(cut);
  }

  /** Why it is no complete snapshot; undefined: it is one. */
  problem(): string | undefined {
    if (this.sizeBytes <= TRAILER_BYTES || this.sizeBytes % SECTOR_BYTES !== TRAILER_BYTES) {
      return `a snapshot of ${this.sizeBytes} bytes has no checksum at its end: it is not complete`;
    }
    const isSame = this.#content.copy().digest().equals(this.#trailer);
    return isSame ? undefined : 'the checksum at the end of the snapshot is not that of its content';
  }

  facts(): Snapshot {
    return { sizeBytes: this.sizeBytes, sha256: this.#whole.copy().digest('hex') };
  }
}
