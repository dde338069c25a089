import { createHash } from 'node:crypto';
import * as grpc from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { ok } from '../../lib/result.ts';
import { createAdmin } from '../../lib/talos/admin.ts';
import { createOperator } from '../../lib/talos/operator.ts';
import { isOutcomeUnknown } from '../../lib/talos/outcome.ts';
import { answers, bytes, type FakeNode, frames, refuses, targetAt } from './fake-node.ts';
import { nodesForThisFile } from './nodes-for-this-file.ts';

/** Every call that changes a node: what is sent, under which identity, and what is refused before anything is sent. */
const here = nodesForThisFile();
const start = here.startVersion.bind(here);
const controlPlane = (node: FakeNode) => targetAt(node.address, { role: 'controlplane' });
const deadlineMs = 5_000;
const VERSION = 'machine.MachineService/Version';
type Call = { readonly request: unknown; getAuthContext(): { sslPeerCertificate?: { subject: { O?: unknown } } } };

/** Notes each request and who sent it. */
function noting(reply: unknown) {
  const seen: unknown[] = [];
  const handler = (call: Call, done: grpc.sendUnaryData<unknown>) => {
    seen.push([call.request, call.getAuthContext().sslPeerCertificate?.subject.O]);
    done(null, reply);
  };
  return { seen, handler };
}

test('a service is restarted by the operator', async () => {
  const { seen, handler } = noting({ messages: [{ resp: 'Service "kubelet" restarted' }] });
  const node = await start('v1.8.4', { machine: { serviceRestart: handler } });
  const operator = createOperator(here.cluster.access);
  const target = targetAt(node.address);
  expect(await operator.restartService(target, { service: 'kubelet', deadlineMs })).toEqual(
    ok({ says: 'Service "kubelet" restarted' }),
  );
  expect(seen).toEqual([[{ id: 'kubelet' }, 'os:operator']]);
  expect(await operator.restartService(target, { service: 'etcd', deadlineMs })).toMatchObject({
    error: { code: 'invalid_request', isUnsent: true },
  });
  expect(node.calls).toEqual([VERSION, 'machine.MachineService/ServiceRestart']);
});

test('whoever holds os:admin alone does with it what an operator may do', async () => {
  const { seen, handler } = noting({ messages: [{}] });
  const node = await start('v1.13.9', { machine: { etcdDefragment: handler } });
  const { operator: _, ...access } = here.cluster.access;
  expect(await createOperator(access).etcdDefragment(controlPlane(node), { deadlineMs })).toEqual(ok(undefined));
  expect(seen).toEqual([[{}, 'os:admin']]);
  const { admin: __, ...alone } = access;
  expect(await createOperator(alone).etcdDefragment(controlPlane(node), { deadlineMs })).toMatchObject({
    error: { code: 'permission_denied', isUnsent: true },
  });
});

test('a reset goes out with its partitions', async () => {
  const { seen, handler } = noting({ messages: [{ actorId: 'actor-7' }] });
  const node = await start('v1.14.0', { machine: { reset: handler } });
  const order = { wipe: 'state_and_ephemeral', graceful: false, deadlineMs } as const;
  expect(await createAdmin(here.cluster.access).reset(targetAt(node.address), order)).toEqual(
    ok({ actorId: 'actor-7' }),
  );
  const request = {
    graceful: false,
    reboot: true,
    systemPartitionsToWipe: [
      { label: 'STATE', wipe: true },
      { label: 'EPHEMERAL', wipe: true },
    ],
    userDisksToWipe: [],
    mode: 'SYSTEM_DISK',
  };
  expect(seen).toEqual([[request, 'os:admin']]);
});

const IMAGE = 'factory.talos.dev/metal-installer/abc:v1.13.9';
const PINNED = `factory.talos.dev/metal-installer/abc:v1.13.9@sha256:${'4'.repeat(64)}`;

test('up to 1.12 an upgrade is one call, with every check on', async () => {
  const { seen, handler } = noting({ messages: [{ ack: 'Upgrade request received', actorId: 'actor-8' }] });
  const node = await start('v1.12.4', { machine: { upgrade: handler } });
  const order = { image: IMAGE, stage: false, rebootMode: 'default', deadlineMs } as const;
  expect(await createAdmin(here.cluster.access).upgrade(targetAt(node.address), order)).toEqual(
    ok({ actorId: 'actor-8' }),
  );
  const request = { image: IMAGE, preserve: false, stage: false, force: false, rebootMode: 'DEFAULT' };
  expect(seen).toEqual([[request, 'os:admin']]);
});

test('from 1.13 on it is a pull by the operator and an install by the admin', async () => {
  const pulled: unknown[] = [];
  const node = await start('v1.13.9', {
    image: {
      pull: (call: grpc.ServerWritableStream<unknown, unknown>) => {
        pulled.push(call.request);
        call.write({ pullProgress: { layerId: 'a', progress: { status: 'DOWNLOADING', offset: '1', total: '2' } } });
        call.write({ name: PINNED });
        call.end();
      },
    },
    lifecycle: {
      upgrade: frames({ progress: { message: 'installing, password=hunter22' } }, { progress: { exitCode: 0 } }),
    },
  });
  const target = targetAt(node.address);
  expect(await createOperator(here.cluster.access).pullImage(target, { image: IMAGE, deadlineMs })).toEqual(
    ok({ name: PINNED }),
  );
  expect(pulled).toEqual([{ containerd: { driver: 'CRI', namespace: 'NS_SYSTEM' }, imageRef: IMAGE }]);
  const admin = createAdmin(here.cluster.access);
  expect(await admin.installUpgrade(target, { image: PINNED, deadlineMs })).toEqual(
    ok({ says: ['installing, password=[redacted]'] }),
  );
  expect(await admin.installUpgrade(target, { image: IMAGE, deadlineMs })).toMatchObject({
    error: { code: 'invalid_request', isUnsent: true },
  });
  const legacy = { image: IMAGE, stage: false, rebootMode: 'default', deadlineMs } as const;
  expect(await admin.upgrade(target, legacy)).toMatchObject({
    error: { code: 'not_supported_by_version', isUnsent: true },
  });
});

test.for([
  [
    'an exit code that is not 0',
    [{ progress: { message: 'no space' } }, { progress: { exitCode: 1 } }],
    'install_failed',
  ],
  ['no exit code', [{ progress: { message: 'installing' } }], 'malformed_reply'],
] as const)('an install that ends with %s has failed', async ([, sent, code]) => {
  const node = await start('v1.14.0', { lifecycle: { upgrade: frames(...sent) } });
  const target = targetAt(node.address);
  expect(await createAdmin(here.cluster.access).installUpgrade(target, { image: PINNED, deadlineMs })).toMatchObject({
    ok: false,
    error: { code },
  });
});

test('a pull that ends without a pinned name is no pull', async () => {
  const node = await start('v1.14.0', { image: { pull: frames({ name: IMAGE }) } });
  const answer = await createOperator(here.cluster.access).pullImage(targetAt(node.address), {
    image: IMAGE,
    deadlineMs,
  });
  expect(answer).toMatchObject({ ok: false, error: { code: 'malformed_reply' } });
});

test('rollback, and what is done to etcd', async () => {
  const removed = noting({ messages: [{}] });
  const node = await start('v1.11.5', {
    machine: {
      rollback: answers({ messages: [{}] }),
      etcdDefragment: answers({ messages: [{}] }),
      etcdAlarmDisarm: answers({ messages: [{ memberAlarms: [] }] }),
      etcdForfeitLeadership: answers({ messages: [{ member: 'cp-2' }] }),
      etcdRemoveMemberById: removed.handler,
    },
  });
  const target = controlPlane(node);
  const [operator, admin] = [createOperator(here.cluster.access), createAdmin(here.cluster.access)];
  expect(await admin.rollback(target, { deadlineMs })).toEqual(ok(undefined));
  expect(await operator.etcdDefragment(target, { deadlineMs })).toEqual(ok(undefined));
  expect(await operator.etcdDisarmAlarms(target, { deadlineMs })).toEqual(ok(undefined));
  expect(await admin.etcdForfeitLeadership(target, { deadlineMs })).toEqual(ok({ newLeader: 'cp-2' }));
  expect(await admin.etcdRemoveMember(target, { memberId: '18446744073709551614', deadlineMs })).toEqual(ok(undefined));
  expect(removed.seen).toEqual([[{ memberId: '18446744073709551614' }, 'os:admin']]);
  expect(await admin.etcdRemoveMember(target, { memberId: '0', deadlineMs })).toMatchObject({
    error: { code: 'invalid_request', isUnsent: true },
  });
});

/** The file with etcd's own checksum behind it. */
function snapshotFile(content: Buffer): Buffer {
  return Buffer.concat([content, createHash('sha256').update(content).digest()]);
}
const chunks = (file: Buffer, size: number) =>
  Array.from({ length: Math.ceil(file.length / size) }, (_, n) => ({ bytes: file.subarray(n * size, (n + 1) * size) }));
const collecting = () => {
  const kept: Buffer[] = [];
  return { kept, sink: { write: async (part: Uint8Array) => ok(void kept.push(Buffer.from(part))) } };
};

test('a snapshot streams to its sink, complete by its checksum', async () => {
  const file = snapshotFile(Buffer.alloc(512 * 40, 'etcd'));
  const node = await start('v1.13.9', { machine: { etcdSnapshot: frames(...chunks(file, 1000)) } });
  const { kept, sink } = collecting();
  const order = { sink, maxBytes: 1_000_000, deadlineMs };
  expect(await createOperator(here.cluster.access).etcdSnapshot(controlPlane(node), order)).toEqual(
    ok({ sizeBytes: file.length, sha256: createHash('sha256').update(file).digest('hex') }),
  );
  expect(Buffer.concat(kept).equals(file)).toBe(true);
});

const whole = snapshotFile(Buffer.alloc(1024, 1));
test.for([
  ['cut short', whole.subarray(0, 700), 'malformed_reply', 1_000_000],
  ['cut at a sector', whole.subarray(0, 512 + 32), 'malformed_reply', 1_000_000],
  ['empty', Buffer.alloc(0), 'malformed_reply', 1_000_000],
  ['larger than was expected', whole, 'too_large', 1_000],
] as const)('a snapshot that is %s is an error', async ([, file, code, maxBytes]) => {
  const node = await start('v1.13.9', { machine: { etcdSnapshot: frames(...chunks(file, 100)) } });
  const order = { sink: collecting().sink, maxBytes, deadlineMs };
  expect(await createOperator(here.cluster.access).etcdSnapshot(controlPlane(node), order)).toMatchObject({
    ok: false,
    error: { code },
  });
});

test('a sink that fails ends the snapshot with its reason', async () => {
  const endless = (call: grpc.ServerWritableStream<unknown, unknown>) => {
    const more = () => {
      while (!call.cancelled && call.write(bytes('x'.repeat(1000))));
      if (!call.cancelled) call.once('drain', more);
    };
    more();
  };
  const node = await start('v1.13.9', { machine: { etcdSnapshot: endless } });
  const sink = { write: async () => ({ ok: false, error: 'the disk is full' }) as const };
  const order = { sink, maxBytes: 1_000_000_000, deadlineMs };
  expect(await createOperator(here.cluster.access).etcdSnapshot(controlPlane(node), order)).toMatchObject({
    error: { code: 'failed', text: 'the snapshot could not be kept: the disk is full' },
  });
});

test.for(['v1.15.0', 'v1.7.6', 'v2.0.0'])('Talos %s is left alone, with the reason', async (tag) => {
  const node = await start(tag, { machine: { reset: answers({ messages: [{ actorId: 'a' }] }) } });
  const order = { wipe: 'ephemeral', graceful: true, deadlineMs } as const;
  const answer = await createAdmin(here.cluster.access).reset(targetAt(node.address), order);
  expect(answer).toMatchObject({ ok: false, error: { code: 'version_not_known', isUnsent: true } });
  expect(node.calls).toEqual([VERSION]);
});

test('what a version does not know is not sent', async () => {
  const node = await start('v1.11.0');
  const [operator, target] = [createOperator(here.cluster.access), targetAt(node.address)];
  expect(await operator.pullImage(target, { image: IMAGE, deadlineMs })).toMatchObject({
    error: { code: 'not_supported_by_version', isUnsent: true },
  });
  expect(await operator.reboot(target, { mode: 'force', deadlineMs })).toMatchObject({
    error: { code: 'not_supported_by_version', isUnsent: true },
  });
  expect(await operator.etcdDefragment(target, { deadlineMs })).toMatchObject({
    error: { code: 'control_plane_only', isUnsent: true },
  });
  expect(node.calls).toEqual([VERSION, VERSION]);
});

test('a node that does not even say its version was not changed', async () => {
  const node = await start('v1.13.9', { machine: { version: () => {} } });
  const order = { wipe: 'ephemeral', graceful: true, deadlineMs: 300 } as const;
  const answer = await createAdmin(here.cluster.access).reset(targetAt(node.address), order);
  expect(answer).toMatchObject({ ok: false, error: { code: 'deadline_exceeded', isUnsent: true } });
  if (!answer.ok) expect(isOutcomeUnknown(answer.error)).toBe(false);
  expect(node.calls).toEqual([VERSION]);
});

test('a running node gets a config in the mode that was ordered; a try needs an end', async () => {
  const { seen, handler } = noting({ messages: [{ mode: 'STAGED', modeDetails: 'Staged', warnings: [] }] });
  const node = await start('v1.10.2', { machine: { applyConfiguration: handler } });
  const [admin, target] = [createAdmin(here.cluster.access), targetAt(node.address)];
  const order = { config: 'a: 1', dryRun: false, deadlineMs } as const;
  expect(await admin.applyConfig(target, { ...order, mode: 'staged' })).toMatchObject({ value: { mode: 'STAGED' } });
  expect(seen).toEqual([[expect.objectContaining({ mode: 'STAGED', dryRun: false }), 'os:admin']]);
  expect(await admin.applyConfig(target, { ...order, mode: 'try', revertAfterS: 0 })).toMatchObject({
    error: { code: 'invalid_request', isUnsent: true },
  });
  expect(await admin.applyConfig(target, { ...order, config: ' ', mode: 'auto' })).toMatchObject({
    error: { code: 'invalid_request', isUnsent: true },
  });
});

test('a call that Talos refuses comes back with what it says', async () => {
  const text = 'failed to remove member: etcdserver: unhealthy cluster';
  const node = await start('v1.13.9', { machine: { etcdRemoveMemberById: refuses(grpc.status.UNKNOWN, text) } });
  const order = { memberId: '42', deadlineMs };
  const answer = await createAdmin(here.cluster.access).etcdRemoveMember(controlPlane(node), order);
  expect(answer).toMatchObject({ ok: false, error: { code: 'etcd_not_ready', text } });
  if (!answer.ok) expect(answer.error.isUnsent).toBeUndefined();
});
