import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { probeSnapshot, type Snapshots, snapshotStep, takeSnapshot } from '../../lib/actions/etcd-snapshot.ts';
import { fileVault } from '../../lib/blobs/file-vault.ts';
import type { Vault } from '../../lib/blobs/vault.ts';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import { err, ok } from '../../lib/result.ts';
import { fileDataKeys } from '../../lib/sealing/file-data-keys.ts';
import { unseal } from '../../lib/sealing/sealed-file.ts';
import { planOf } from '../incidents/events.ts';
import { failed, inventory, quorumLost, running, silent } from '../playbooks/build-evidence.ts';
import { etcdFiles, FULL, SMALL } from './etcd-evidence.ts';
import { target, wrong } from './plan-context.ts';

const GIB = 1024 ** 3;

describe('the step', () => {
  const planned = (evidence: Evidence) => {
    const step = snapshotStep(evidence, 1);
    return step.ok ? [step.value.node ?? evidence.node, step.value.request] : step.error;
  };

  test('asks a follower that is not the node of the plan, then the leader, then the node itself', () => {
    const all = etcdFiles([SMALL, SMALL, SMALL], []); // cp-2 leads
    expect(planned(all)).toEqual(['cp-3', { maxBytes: GIB / 2 }]);
    expect(planned(etcdFiles([SMALL, SMALL, null], []))).toEqual(['cp-3', { maxBytes: 8 * GIB }]); // lists members
    const withoutThird = { ...all, peers: all.peers.slice(0, 1) };
    expect(planned(withoutThird)).toEqual(['cp-2', { maxBytes: GIB / 2 }]);
    expect(planned({ ...all, peers: [] })).toEqual(['cp-1', { maxBytes: GIB / 2 }]);
  });

  test('may grow, but not past what etcd can be', () => {
    expect(planned(etcdFiles([FULL, FULL, FULL]))).toEqual(['cp-3', { maxBytes: 4 * GIB }]);
    expect(
      planned(
        etcdFiles([
          [6, 1],
          [6, 1],
          [6, 1],
        ]),
      ),
    ).toEqual(['cp-3', { maxBytes: 8 * GIB }]);
    expect(planned(running())).toEqual(['cp-3', { maxBytes: GIB / 4 }]);
  });

  test.for([
    { of: 'no quorum', evidence: quorumLost(90) },
    { of: 'nobody who answers', evidence: silent('no_route', []) },
    { of: 'a corrupt database', evidence: etcdFiles([FULL, FULL, FULL], ['memberID:1001 alarm:CORRUPT ']) },
  ])('there is none with $of, and so no plan', ({ evidence }) => {
    expect(snapshotStep(evidence, 1)).toMatchObject({ ok: false, error: expect.stringContaining('no snapshot') });
  });

  test('a crash while it was read: it is taken again after its deadline', () => {
    const facts = { evidence: running({ etcdStatus: failed() }) };
    expect(probeSnapshot({ ...facts, deadlinePassed: false, entry: inventory, results: {} }).answer).toBe('unknown');
    expect(probeSnapshot({ ...facts, deadlinePassed: true, entry: inventory, results: {} }).answer).toBe('not_arrived');
  });
});

describe('the call', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'medic-snapshot-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const plan = planOf({ id: 'plan-1', cluster: 'test' });
  const from = { ...target, name: 'cp-3' };
  const parts = [Buffer.alloc(512, 'a'), Buffer.alloc(512, 'b'), Buffer.alloc(32, 'c')];
  const whole = Buffer.concat(parts);
  const sha256 = createHash('sha256').update(whole).digest('hex');
  const facts = { sizeBytes: whole.length, sha256 };
  const keyFile = () => join(folder, 'sealing.key');
  const sending = (said: Awaited<ReturnType<Snapshots['talos']['etcdSnapshot']>> = ok(facts)): Snapshots['talos'] => ({
    async etcdSnapshot(_target, { sink }) {
      for (const part of parts) {
        const taken = await sink.write(part);
        if (!taken.ok) return err({ ...wrong('failed'), text: taken.error });
      }
      return said;
    },
  });
  const take = (change: Partial<Snapshots> = {}) => {
    const step = snapshotStep(running(), 1);
    if (!step.ok) throw new Error(step.error);
    const ports = {
      talos: sending(),
      keys: fileDataKeys(keyFile()),
      vault: fileVault(join(folder, 'vault')),
      ...change,
    };
    return takeSnapshot(ports, step.value, plan, from, running());
  };
  const stored = () => readdir(join(folder, 'vault', 'test')).catch(() => []);

  test('keeps it sealed, and says what and where: it comes back byte by byte', async () => {
    const outcome = await take();
    expect(outcome).toMatchObject({
      outcome: 'done',
      because: expect.stringContaining(`1056 bytes), SHA-256 ${sha256}`),
    });
    expect(await stored()).toEqual(['20260301T120000000Z-cp-3-plan-1.etcd-snapshot.sealed']);
    const content: Buffer[] = [];
    const [name = ''] = await stored();
    const file = createReadStream(join(folder, 'vault', 'test', name));
    const opened = await unseal(file, fileDataKeys(keyFile()), async (part) => void content.push(Buffer.from(part)));
    expect(opened).toEqual(ok({ kind: 'etcd_snapshot', cluster: 'test', node: 'cp-3' }));
    expect(Buffer.concat(content).equals(whole)).toBe(true);
  });

  const vaultThat = (does: Partial<Awaited<ReturnType<typeof begunFile>>>): Vault => ({
    async begin(name) {
      return ok({ ...(await begunFile(name)), ...does });
    },
  });
  const begunFile = async (name: string) => {
    const begun = await fileVault(join(folder, 'vault')).begin(name);
    if (!begun.ok) throw new Error(begun.error);
    return begun.value;
  };

  test.for<{ of: string; change: () => Partial<Snapshots>; because: string }>([
    {
      of: 'a member that breaks off',
      change: () => ({ talos: sending(err(wrong('connection_reset'))) }),
      because: 'closed',
    },
    {
      of: 'another hash than what passed',
      change: () => ({ talos: sending(ok({ ...facts, sha256: 'f'.repeat(64) })) }),
      because: 'not what the member sent',
    },
    {
      of: 'another size than what passed',
      change: () => ({ talos: sending(ok({ ...facts, sizeBytes: 1 })) }),
      because: 'not what the member sent',
    },
    {
      of: 'a full disk',
      change: () => ({ vault: vaultThat({ write: async () => err('The disk is full.') }) }),
      because: 'The disk is full.',
    },
    {
      of: 'a store that has something else',
      change: () => ({ vault: vaultThat({ keep: async () => ok({ place: 'x', sizeBytes: 3, sha256 }) }) }),
      because: 'not what was written to it',
    },
    { of: 'no key', change: () => ({ keys: { create: async () => err('KMS does not answer.') } }), because: 'KMS' },
    {
      of: 'a vault that is away',
      change: () => ({ vault: { begin: async () => err('No bucket.') } }),
      because: 'No bucket.',
    },
  ])('refused for $of, and nothing of it stays', async ({ change, because }) => {
    const outcome = await take(change());
    expect(outcome).toMatchObject({ outcome: 'refused', because: expect.stringContaining(because) });
    expect(outcome.because).toContain('No etcd snapshot: ');
    expect(await stored()).toEqual([]);
  });
});
