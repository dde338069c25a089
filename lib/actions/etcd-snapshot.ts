import { createHash } from 'node:crypto';
import type { Plan, Step } from '../approvals/plan.ts';
import type { Vault, VaultFile } from '../blobs/vault.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { gib } from '../playbooks/etcd-space.ts';
import { type EtcdVoice, etcdVoices } from '../playbooks/etcd-voices.ts';
import { err, ok, type Result } from '../result.ts';
import type { DataKeys, KeyUse } from '../sealing/data-keys.ts';
import { type Sealing, seal } from '../sealing/sealed-file.ts';
import { describeTalosError } from '../talos/describe-talos-error.ts';
import type { TalosOperator } from '../talos/orders.ts';
import type { NodeTarget } from '../talos/talos.ts';
import type { Probe, ProbeFacts, StepOutcome } from './action.ts';

/** Reading, sealing and storing all of the file: a minute per GiB is slow. Our own choice. */
const CALL_MS = 120_000;
const CALL_MS_PER_GIB = 60_000;
const GIB = 1024 ** 3;
/** etcd recommends no larger file. Source: etcd documentation, "Storage size limit". */
const LARGEST_BYTES = 8 * GIB;
/** A file may grow while it waits for approval. */
const GROWTH = 2;
const SMALLEST_LIMIT_BYTES = GIB / 4;

/** Who reads the snapshot, who gives the key that seals it, and who keeps it. */
export type Snapshots = {
  readonly talos: Pick<TalosOperator, 'etcdSnapshot'>;
  readonly keys: DataKeys;
  readonly vault: Vault;
};

/**
 * For every plan that destroys something of a control plane: before anything else, the database of a member that follows a
 * leader is kept. Not of the plan's node where there is another one. The step is refused, and with it the plan, unless
 * the whole file is stored.
 */
export function snapshotStep(evidence: Evidence, n: number): Result<Step, string> {
  const voices = etcdVoices(evidence, { inventory: undefined, ordered: [] });
  const [from] = voices.filter(isServing).toSorted((a, b) => preference(a) - preference(b));
  if (from === undefined) return err('No etcd member with a leader answers, so there can be no snapshot before it.');
  const bytes = from.status?.dbBytes;
  const maxBytes =
    bytes === undefined ? LARGEST_BYTES : Math.min(LARGEST_BYTES, Math.max(SMALLEST_LIMIT_BYTES, bytes * GROWTH));
  const step: Step = {
    n,
    method: 'EtcdSnapshot',
    request: { maxBytes },
    probe: 'It only reads: one that was not kept whole is taken again.',
    deadlineMs: CALL_MS + Math.ceil((bytes ?? LARGEST_BYTES) / GIB) * CALL_MS_PER_GIB,
  };
  return ok(from.isSelf ? step : { ...step, node: from.node });
}

/** A learner may be behind; a corrupt database is no backup. */
const isServing = ({ hasLeader, status }: EtcdVoice): boolean =>
  hasLeader && status?.isLearner !== true && !(status?.errors ?? []).some((error) => error.includes('alarm:CORRUPT'));

/** The leader has the most to do; the node of the plan may be the ill one. */
const preference = ({ isSelf, status }: EtcdVoice): number =>
  (isSelf ? 2 : 0) + (status !== undefined && status.leader === status.memberId ? 1 : 0);

/** One row for whoever approves. */
export const snapshotDetail = (step: Step, node: string) => ({
  label: 'etcd snapshot first',
  text: `of ${step.node ?? node}, sealed, checked by size and SHA-256; without it nothing is changed`,
});

/** It reads, so until its time is over it may be at it, and afterwards nothing is left of it. */
export const probeSnapshot = ({ deadlinePassed }: ProbeFacts): Probe =>
  deadlinePassed
    ? { answer: 'not_arrived', because: 'The snapshot was not kept in time; taking it again harms nobody.' }
    : { answer: 'unknown', because: 'The snapshot may still be under way.' };

/**
 * Talos RPC `EtcdSnapshot`, role os:operator. `done` only when what is stored is what the member sent: etcd's own checksum,
 * our count of what passed, and size and SHA-256 of the stored file all agree. Never leaves a plain byte anywhere.
 */
export async function takeSnapshot(
  { talos, keys, vault }: Snapshots,
  step: Step,
  plan: Plan,
  target: NodeTarget,
  evidence: Evidence,
): Promise<StepOutcome> {
  const refuse = (because: string): StepOutcome => ({ outcome: 'refused', because: `No etcd snapshot: ${because}` });
  const use: KeyUse = { kind: 'etcd_snapshot', cluster: plan.cluster, node: target.name };
  const key = await keys.create(use);
  if (!key.ok) return refuse(key.error);
  const at = evidence.collectedAt.replaceAll(/[^0-9TZ]/g, '');
  const file = await vault.begin(`${plan.cluster}/${at}-${target.name}-${plan.id}.etcd-snapshot.sealed`);
  if (!file.ok) return refuse(file.error);
  const passing = new Passing(file.value, seal(key.value, use));
  const kept = await store(passing, file.value, () =>
    talos.etcdSnapshot(target, {
      sink: passing,
      maxBytes: Number(step.request['maxBytes']),
      deadlineMs: step.deadlineMs,
    }),
  );
  if (!kept.ok) {
    await file.value.drop();
    return refuse(kept.error);
  }
  const { place, sizeBytes, sha256 } = kept.value;
  return {
    outcome: 'done',
    because: `etcd snapshot of ${target.name}: ${gib(sizeBytes)} (${sizeBytes} bytes), SHA-256 ${sha256}, sealed under key ${key.value.keyId} at ${place}.`,
  };
}

type Kept = { readonly place: string; readonly sizeBytes: number; readonly sha256: string };

async function store(
  passing: Passing,
  file: VaultFile,
  read: () => ReturnType<TalosOperator['etcdSnapshot']>,
): Promise<Result<Kept, string>> {
  const begun = await passing.begin();
  if (!begun.ok) return begun;
  const said = await read();
  if (!said.ok) return err(describeTalosError(said.error));
  const sent = passing.plain.facts();
  if (sent.sizeBytes !== said.value.sizeBytes || sent.sha256 !== said.value.sha256) {
    return err('what was stored is not what the member sent.');
  }
  const ended = await passing.end();
  if (!ended.ok) return ended;
  const stored = await file.keep();
  if (!stored.ok) return stored;
  const sealed = passing.sealed.facts();
  if (stored.value.sizeBytes !== sealed.sizeBytes || stored.value.sha256 !== sealed.sha256) {
    return err(`the stored file is not what was written to it (${stored.value.place}).`);
  }
  return ok({ place: stored.value.place, ...sent });
}

class Counted {
  #sizeBytes = 0;
  readonly #hash = createHash('sha256');

  add(bytes: Uint8Array): void {
    this.#sizeBytes += bytes.length;
    this.#hash.update(bytes);
  }

  facts(): { readonly sizeBytes: number; readonly sha256: string } {
    return { sizeBytes: this.#sizeBytes, sha256: this.#hash.copy().digest('hex') };
  }
}

/** From the member to the vault, sealed on the way, counted on both sides. */
class Passing {
  readonly plain = new Counted();
  readonly sealed = new Counted();
  readonly #file: VaultFile;
  readonly #sealing: Sealing;

  constructor(file: VaultFile, sealing: Sealing) {
    this.#file = file;
    this.#sealing = sealing;
  }

  begin = (): Promise<Result<void, string>> => this.#put(this.#sealing.header);

  write(bytes: Uint8Array): Promise<Result<void, string>> {
    this.plain.add(bytes);
    return this.#put(this.#sealing.add(bytes));
  }

  end = (): Promise<Result<void, string>> => this.#put(this.#sealing.end());

  #put(bytes: Uint8Array): Promise<Result<void, string>> {
    this.sealed.add(bytes);
    return this.#file.write(bytes);
  }
}
