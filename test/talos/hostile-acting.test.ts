import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok, type Result } from '../../lib/result.ts';
import { createAdmin } from '../../lib/talos/admin.ts';
import { Event, WatchResponse } from '../../lib/talos/generated/cosi/resource/state.ts';
import { createOperator } from '../../lib/talos/operator.ts';
import { createReader } from '../../lib/talos/reader.ts';
import type { TalosError } from '../../lib/talos/talos-error.ts';
import { addressBlock, type Cluster, makeCluster, targetAt } from './fake-node.ts';
import { besides, encoded, type RawNode, startRawNode } from './raw-node.ts';

/** The node that is to be changed is hostile: whatever it answers, what comes out is a value or a typed error. */
const address = `${addressBlock()}.1`;
const target = targetAt(address, { role: 'controlplane' });
let cluster: Cluster;
let node: RawNode;
beforeAll(async () => {
  cluster = await makeCluster(address.slice(0, address.lastIndexOf('.')));
  node = await startRawNode(cluster, address);
});
afterAll(() => node.close());

const deadlineMs = 5_000;
const IMAGE = `factory.talos.dev/metal-installer/abc:v1.14.0@sha256:${'1'.repeat(64)}`;
const sink = { write: async () => ok(undefined) };
function everything(): readonly (() => Promise<Result<unknown, TalosError>>)[] {
  const [operator, admin] = [createOperator(cluster.access), createAdmin(cluster.access)];
  return [
    () => operator.reboot(target, { mode: 'default', deadlineMs }),
    () => operator.restartService(target, { service: 'kubelet', deadlineMs }),
    () => operator.pullImage(target, { image: IMAGE, deadlineMs }),
    () => operator.etcdDefragment(target, { deadlineMs }),
    () => operator.etcdDisarmAlarms(target, { deadlineMs }),
    () => operator.etcdSnapshot(target, { sink, maxBytes: 1_000_000, deadlineMs }),
    () => admin.readConfig(target, { deadlineMs }),
    () => admin.applyConfig(target, { config: 'a: 1', mode: 'auto', dryRun: true, deadlineMs }),
    () => admin.installUpgrade(target, { image: IMAGE, deadlineMs }),
    () => admin.rollback(target, { deadlineMs }),
    () => admin.reset(target, { wipe: 'ephemeral', graceful: true, deadlineMs }),
    () => admin.etcdForfeitLeadership(target, { deadlineMs }),
    () => admin.etcdRemoveMember(target, { memberId: '7', deadlineMs }),
  ];
}
const CODES = ['malformed_reply', 'too_large', 'install_failed', 'deadline_exceeded', 'failed'];

test('random bytes to every call that changes something', async () => {
  const frames = fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(frames, async (bytes) => {
      node.replies = besides(() => bytes.map((one) => Buffer.from(one)));
      for (const answer of await Promise.all(everything().map((run) => run()))) {
        if (!answer.ok) expect(CODES).toContain(answer.error.code);
      }
      await expect.poll(() => node.openSockets()).toBe(0);
    }),
    { numRuns: 8 },
  );
});

test('no reply message at all is no success', async () => {
  node.replies = besides(() => []);
  const answers = await Promise.all(everything().map((run) => run()));
  const codes = answers.map((answer) => (answer.ok ? 'ok' : answer.error.code));
  expect(codes).toEqual(answers.map(() => 'malformed_reply'));
});

function* endless(frame: Buffer): Iterable<Buffer> {
  for (;;) yield frame;
}

test('a snapshot and a pull without an end are left', async () => {
  node.cancelled = [];
  node.replies = besides(() => endless(Buffer.concat([Buffer.of(0x12, 0xff, 0x01), Buffer.alloc(255, 7)])));
  const operator = createOperator(cluster.access);
  const snapshot = await operator.etcdSnapshot(target, { sink, maxBytes: 100_000, deadlineMs });
  expect(snapshot).toMatchObject({ ok: false, error: { code: 'too_large' } });
  const pull = await operator.pullImage(target, { image: IMAGE, deadlineMs: 1_000 });
  expect(pull).toMatchObject({ ok: false });
  await expect.poll(() => node.openSockets()).toBe(0);
});

test('random events are followed to a typed end, and random changes watched to one', async () => {
  const frames = fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(frames, async (bytes) => {
      const raw = bytes.map((one) => Buffer.from(one));
      const events = raw.map((one) =>
        encoded(
          WatchResponse.encode({ event: [Event.fromPartial({ eventType: 'CREATED', error: one.toString('latin1') })] }),
        ),
      );
      node.replies = besides((path) => (path.endsWith('/Watch') ? [...events, ...raw] : raw));
      const reader = createReader(cluster.access);
      const signal = new AbortController().signal;
      const opened = await reader.follow(target, { signal, forMs: 5_000, isPersistent: false });
      if (opened.ok) for await (const one of opened.value.progress('a')) expect(one.kind).toMatch(/^[a-z]+$/);
      else expect(CODES).toContain(opened.error.code);
      for await (const change of reader.watch(target, 'machineStatus', signal)) {
        if (change.kind === 'failed') expect(CODES).toContain(change.error.code);
      }
      await expect.poll(() => node.openSockets()).toBe(0);
    }),
    { numRuns: 10 },
  );
});
