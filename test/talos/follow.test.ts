import type * as grpc from '@grpc/grpc-js';
import { afterEach, beforeAll, expect, test } from 'vitest';
import {
  MachineStatusEvent,
  PhaseEvent,
  SequenceEvent,
  ServiceStateEvent,
  TaskEvent,
} from '../../lib/talos/generated/machine/machine.ts';
import { createReader } from '../../lib/talos/reader.ts';
import type { ProgressEvent } from '../../lib/talos/talos.ts';
import {
  addressBlock,
  type Cluster,
  type FakeNode,
  makeCluster,
  nodeCertificate,
  running,
  startNode,
  targetAt,
} from './fake-node.ts';

const block = addressBlock();
let cluster: Cluster;
beforeAll(async () => {
  cluster = await makeCluster(block);
});
const nodes: FakeNode[] = [];
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.close();
});
type Stream = grpc.ServerWritableStream<unknown, unknown>;
async function start(host: number, events: (call: Stream) => void): Promise<FakeNode> {
  const address = `${block}.${host}`;
  const credentials = running(await nodeCertificate(cluster, address), cluster.ca);
  const node = await startNode(address, credentials, { machine: { events } });
  nodes.push(node);
  return node;
}
const frame = (type: string, value: Uint8Array, id = 'e') => ({
  id,
  actorId: 'actor',
  data: { typeUrl: `talos/runtime/machine.${type}`, value },
});
const greeting = { id: '', actorId: '' };
const follow = (address: string, signal = new AbortController().signal) =>
  createReader(cluster.access).follow(targetAt(address), { signal });
async function readAll(events: AsyncIterable<ProgressEvent>): Promise<readonly ProgressEvent[]> {
  const all: ProgressEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

test('the stream is open before anything is done, and then tells each step in words of Talos', async () => {
  let stream: Stream | undefined;
  const node = await start(1, (call) => {
    stream = call;
    call.write(greeting);
  });
  const events = follow(node.address)[Symbol.asyncIterator]();
  expect((await events.next()).value).toMatchObject({ kind: 'stage', name: 'opened' });
  if (stream === undefined) throw new Error('the call did not arrive');
  stream.write(frame('SequenceEvent', SequenceEvent.encode({ sequence: 'reboot', action: 'START' }).finish()));
  stream.write(frame('PhaseEvent', PhaseEvent.encode({ phase: 'cleanup', action: 'STOP' }).finish()));
  stream.write(frame('TaskEvent', TaskEvent.encode({ task: 'stopAllServices', action: 'START' }).finish()));
  stream.write(frame('SomethingNew', Uint8Array.of(1)));
  stream.write(frame('TaskEvent', Uint8Array.of(0xff, 0xff)));
  const service = { service: 'etcd', action: 'FINISHED', message: '' } as const;
  stream.write(frame('ServiceStateEvent', ServiceStateEvent.encode(service).finish()));
  const status = { ready: false, unmetConditions: [] };
  stream.write(frame('MachineStatusEvent', MachineStatusEvent.encode({ stage: 'SHUTTING_DOWN', status }).finish()));
  const error = { code: 'LOCKED', message: 'sequence not started: locked', details: [] } as const;
  stream.write(
    frame('SequenceEvent', SequenceEvent.encode({ sequence: 'reboot', action: 'NOOP', error }).finish(), 'z'),
  );
  stream.end();
  const rest: unknown[] = [];
  for (let next = await events.next(); next.done !== true; next = await events.next()) rest.push(next.value);
  expect(rest).toEqual([
    { id: 'e', actorId: 'actor', kind: 'sequence', name: 'reboot', action: 'START' },
    { id: 'e', actorId: 'actor', kind: 'phase', name: 'cleanup', action: 'STOP' },
    { id: 'e', actorId: 'actor', kind: 'task', name: 'stopAllServices', action: 'START' },
    { id: 'e', actorId: 'actor', kind: 'service', name: 'etcd', action: 'FINISHED' },
    { id: 'e', actorId: 'actor', kind: 'stage', name: 'shutting down', action: 'not ready' },
    {
      id: 'z',
      actorId: 'actor',
      kind: 'sequence',
      name: 'reboot',
      action: 'NOOP',
      error: { code: 'LOCKED', message: 'sequence not started: locked' },
    },
  ]);
});

test('a node that goes down ends the stream and says so', async () => {
  const node: FakeNode = await start(2, (call) => call.write(greeting, () => setTimeout(() => node.dropAll(), 50)));
  expect(await readAll(follow(node.address))).toMatchObject([
    { name: 'opened' },
    { kind: 'stage', name: 'closed', error: { code: 'connection_reset' } },
  ]);
});

test('a node that is not there never says opened', async () => {
  expect(await readAll(follow(`${block}.3`))).toMatchObject([
    { kind: 'stage', name: 'closed', error: { code: 'connection_refused' } },
  ]);
});

test('a caller who stops, or aborts, leaves nothing open', async () => {
  const node = await start(4, (call) => call.write(greeting));
  for await (const event of follow(node.address)) {
    expect(event.name).toBe('opened');
    break;
  }
  await expect.poll(() => node.openSockets()).toBe(0);

  const stop = new AbortController();
  const seen: string[] = [];
  for await (const event of follow(node.address, stop.signal)) {
    seen.push(event.name);
    stop.abort();
  }
  expect(seen).toEqual(['opened']);
  await expect.poll(() => node.openSockets()).toBe(0);
});
