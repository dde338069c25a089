import type * as grpc from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import {
  MachineStatusEvent,
  PhaseEvent,
  SequenceEvent,
  ServiceStateEvent,
  TaskEvent,
} from '../../lib/talos/generated/machine/machine.ts';
import { createReader } from '../../lib/talos/reader.ts';
import type { Following, Progress } from '../../lib/talos/talos.ts';
import { issueMaintenanceCertificate } from '../../simulator/nodes/pki.ts';
import { AskingMaintenance, type FakeNode, type Stream, stage, startNode, targetAt } from './fake-node.ts';
import { nodesForThisFile } from './nodes-for-this-file.ts';

const here = nodesForThisFile();

type World = { events: (call: Stream) => void; bootTimeS: number; stage: string };
const BOOT_S = 1_763_672_400;
/** A node whose boot, stage and events the test changes under way. */
async function start(change: Partial<World>): Promise<{ node: FakeNode; world: World }> {
  const world: World = { events: () => {}, bootTimeS: BOOT_S, stage: 'running', ...change };
  const resources = new Proxy(stage(''), { get: (_, type) => stage(world.stage)[String(type)] });
  const node = await here.startRunning({
    resources,
    machine: {
      events: (call: Stream) => world.events(call),
      systemStat: (_: unknown, reply: grpc.sendUnaryData<unknown>) =>
        reply(null, { messages: [{ bootTime: String(world.bootTimeS), processRunning: '1', processBlocked: '0' }] }),
    },
  });
  return { node, world };
}
const greeting = { id: '', actorId: '' };
const frame = (type: string, value: Uint8Array, { id = '', actorId = 'ours' } = {}) => ({
  id,
  actorId,
  data: { typeUrl: `talos/runtime/machine.${type}`, value },
});
const sequence = (
  action: 'START' | 'STOP' | 'NOOP',
  error?: { code: 'FATAL' | 'LOCKED' | 'CANCELED'; message: string },
) =>
  SequenceEvent.encode(
    SequenceEvent.fromPartial({ sequence: 'reboot', action, ...(error === undefined ? {} : { error }) }),
  ).finish();
const phase = (name: string) => PhaseEvent.encode({ phase: name, action: 'START' }).finish();
const stageEvent = (name: 'RUNNING' | 'SHUTTING_DOWN', ready: boolean) =>
  MachineStatusEvent.encode({ stage: name, status: { ready, unmetConditions: [] } }).finish();

async function follow(address: string, isPersistent = false, forMs = 20_000): Promise<Following> {
  const signal = new AbortController().signal;
  const opened = await createReader(here.cluster.access).follow(targetAt(address), { signal, forMs, isPersistent });
  if (!opened.ok) throw new Error(opened.error.code);
  return opened.value;
}
async function readAll(events: AsyncIterable<Progress>): Promise<readonly Progress[]> {
  const all: Progress[] = [];
  for await (const event of events) all.push(event);
  return all;
}
const gone = (node: FakeNode) => expect.poll(() => node.openSockets()).toBe(0);

test('what happened between opening and asking is not missed; what others do is left out', async () => {
  let stream: Stream | undefined;
  const { node } = await start({
    events: (call) => {
      stream = call;
      call.write(greeting);
    },
  });
  const following = await follow(node.address);
  if (stream === undefined) throw new Error('the call did not arrive');
  stream.write(frame('SequenceEvent', sequence('START')));
  stream.write(frame('SequenceEvent', sequence('START'), { actorId: 'somebody' }));
  stream.write(frame('PhaseEvent', phase('cleanup')));
  stream.write(frame('PhaseEvent', phase('other'), { actorId: 'somebody' }));
  stream.write(frame('TaskEvent', TaskEvent.encode({ task: 'stopAllServices', action: 'START' }).finish()));
  stream.write(frame('SomethingNew', Uint8Array.of(1)));
  stream.write(frame('TaskEvent', Uint8Array.of(0xff, 0xff)));
  const service = { service: 'etcd', action: 'FINISHED', message: '' } as const;
  stream.write(frame('ServiceStateEvent', ServiceStateEvent.encode(service).finish(), { actorId: '' }));
  stream.write(frame('MachineStatusEvent', stageEvent('SHUTTING_DOWN', false), { actorId: '' }));
  stream.write(
    frame('SequenceEvent', sequence('NOOP', { code: 'FATAL', message: 'sequence failed: unix.Reboot(0x0): error' })),
  );
  stream.end();
  expect(await readAll(following.progress('ours'))).toEqual([
    { kind: 'sequence', name: 'reboot', action: 'START' },
    { kind: 'phase', name: 'cleanup', action: 'START' },
    { kind: 'task', name: 'stopAllServices', action: 'START' },
    { kind: 'service', name: 'etcd', action: 'FINISHED' },
    { kind: 'stage', name: 'shutting down', ready: false },
    { kind: 'restarting' },
    { kind: 'lost', because: 'The node ended the stream.' },
  ]);
  await gone(node);
});

const LOCKED = { code: 'LOCKED', message: 'sequence not started: locked' } as const;
test.for([
  {
    why: 'LOCKED before ours began is the refusal of ours, although it names nobody',
    frames: [frame('SequenceEvent', sequence('NOOP', LOCKED), { actorId: '' })],
    end: { kind: 'end', how: 'refused', because: LOCKED.message },
  },
  {
    why: 'LOCKED after ours began is somebody else',
    frames: [
      frame('SequenceEvent', sequence('START')),
      frame('SequenceEvent', sequence('NOOP', LOCKED), { actorId: '' }),
    ],
    end: { kind: 'lost', because: 'The node ended the stream.' },
  },
  {
    why: 'a failed sequence',
    frames: [frame('SequenceEvent', sequence('NOOP', { code: 'FATAL', message: 'sequence failed: no etcd' }))],
    end: { kind: 'end', how: 'failed', because: 'sequence failed: no etcd' },
  },
  {
    why: 'a sequence that another one stopped',
    frames: [frame('SequenceEvent', sequence('NOOP', { code: 'CANCELED', message: 'sequence failed: context' }))],
    end: { kind: 'end', how: 'taken_over', because: 'sequence failed: context' },
  },
])('$why', async ({ frames, end }) => {
  const { node } = await start({
    events: (call) => {
      for (const one of [greeting, ...frames]) call.write(one);
      call.end();
    },
  });
  expect((await readAll((await follow(node.address)).progress('ours'))).at(-1)).toEqual(end);
  await gone(node);
});

test('followed to the end: the connection drops, the node is back in another boot, and up', async () => {
  const asked: number[] = [];
  const { node, world } = await start({
    events: (call) => {
      asked.push(call.request.tailEvents);
      call.write(greeting);
      call.write(frame('SequenceEvent', sequence('START'), { id: 'a1' }));
    },
  });
  const following = await follow(node.address, true);
  world.bootTimeS += 90;
  world.stage = 'booting';
  world.events = (again) => {
    asked.push(again.request.tailEvents);
    again.write(frame('PhaseEvent', phase('startEverything'), { id: 'b1', actorId: '' }));
    again.write(frame('MachineStatusEvent', stageEvent('RUNNING', false), { id: 'b2', actorId: '' }));
    again.write(frame('MachineStatusEvent', stageEvent('RUNNING', true), { id: 'b3', actorId: '' }));
  };
  const told: Progress[] = [];
  for await (const one of following.progress('ours')) {
    told.push(one);
    if (one.kind === 'sequence') node.dropAll();
  }
  expect(told.map((one) => (one.kind === 'lost' ? { kind: 'lost' } : one))).toEqual([
    { kind: 'sequence', name: 'reboot', action: 'START' },
    { kind: 'lost' },
    { kind: 'back', boot: 'other' },
    { kind: 'phase', name: 'startEverything', action: 'START' },
    { kind: 'stage', name: 'running', ready: false },
    { kind: 'end', how: 'up', because: 'The node booted again, and is running and ready.' },
  ]);
  expect(asked, 'live first, with everything that is remembered after the loss').toEqual([0, -1]);
  await gone(node);
});

test('back in the same boot, nothing is told twice, and nothing is called up', async () => {
  const { node, world } = await start({});
  const past = [
    frame('SequenceEvent', sequence('START'), { id: 'a1' }),
    frame('PhaseEvent', phase('cleanup'), { id: 'a2' }),
  ];
  world.events = (call) => {
    for (const one of [greeting, ...past]) call.write(one);
    world.events = (again) => {
      for (const one of [greeting, ...past]) again.write(one);
      const failed = sequence('NOOP', { code: 'FATAL', message: 'sequence failed: broken' });
      again.write(frame('SequenceEvent', failed, { id: 'a3' }));
    };
    setTimeout(node.dropAll, 50);
  };
  const told = await readAll((await follow(node.address, true)).progress('ours'));
  expect(told.map(({ kind }) => kind)).toEqual(['sequence', 'phase', 'lost', 'back', 'end']);
  expect(told).toContainEqual({ kind: 'back', boot: 'same' });
  await gone(node);
});

test('a node that comes back in maintenance mode is named as such, and not waited for', async () => {
  const { node } = await start({});
  const following = follow(node.address, true);
  await expect.poll(() => node.calls).toContain('machine.MachineService/Events');
  await node.close();
  await expect(following).rejects.toThrow('connection');

  const again = await start({ events: (call) => call.write(greeting) });
  const persistent = await follow(again.node.address, true);
  await again.node.close();
  const credentials = new AskingMaintenance(issueMaintenanceCertificate(again.node.address, Date.now()));
  here.keep(await startNode(again.node.address, credentials));
  expect((await readAll(persistent.progress('ours'))).at(-1)).toMatchObject({ kind: 'end', how: 'other_certificate' });
});

test('a node that stays away ends it in time', async () => {
  const { node } = await start({ events: (call) => call.write(greeting) });
  const following = await follow(node.address, true, 1_500);
  await node.close();
  expect(await readAll(following.progress('ours'))).toMatchObject([{ kind: 'lost' }, { kind: 'end', how: 'deadline' }]);
});

test('a node that is not there cannot be followed, nor one outside of its networks', async () => {
  await expect(follow(`${here.block}.8`)).rejects.toThrow('connection_refused');
  await expect(follow('169.254.169.254')).rejects.toThrow('address_not_allowed');
});

test('a caller who stops, aborts or closes leaves nothing open', async () => {
  const { node } = await start({
    events: (call) => call.write(greeting) && call.write(frame('PhaseEvent', phase('a'))),
  });
  for await (const event of (await follow(node.address)).progress('ours')) {
    expect(event.kind).toBe('phase');
    break;
  }
  await gone(node);
  (await follow(node.address)).close();
  await gone(node);

  const stop = new AbortController();
  const options = { signal: stop.signal, forMs: 20_000, isPersistent: true };
  const opened = await createReader(here.cluster.access).follow(targetAt(node.address), options);
  if (!opened.ok) throw new Error(opened.error.code);
  const seen: string[] = [];
  for await (const event of opened.value.progress('ours')) {
    seen.push(event.kind);
    stop.abort();
  }
  expect(seen).toEqual(['phase']);
  await gone(node);
});
