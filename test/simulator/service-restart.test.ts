import { beforeEach, expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import { ServiceStateEvent } from '../../lib/talos/generated/machine/machine.ts';
import { eventsOf } from './acting.ts';
import { seenForThisFile } from './seen.ts';

const { clock, seen, world } = await seenForThisFile();
beforeEach(() => world.load('healthy'));

const restart = (name: string, id: string) => world.to(name, 'operator').call(change.serviceRestart, { id });
const isReady = async (name: string) => {
  const found = await seen.resources(name, 'runtime', 'MachineStatuses.runtime.talos.dev');
  return /"ready":(true|false)/.exec(JSON.stringify(found))?.[1];
};

test.for(['kubelet', 'ext-iscsid'])('%s stops, starts, and says so in events', async (id) => {
  const before = (await eventsOf(world, 'w-1')).length;
  const resp = `Service "${id}" restarted`;
  expect(await restart('w-1', id)).toMatchObject({ reply: { messages: [{ resp }] } });
  expect(await seen.service('w-1', id)).toMatch(/^Preparing: /);
  clock.advance(5_000);
  expect(await seen.service('w-1', id)).toMatch(/^Running: /);
  const actions = (await eventsOf(world, 'w-1'))
    .slice(before)
    .filter(({ data }) => data?.typeUrl.endsWith('ServiceStateEvent'))
    .map(({ data }) => ServiceStateEvent.decode(data?.value ?? new Uint8Array()))
    .filter(({ service: of }) => of === id)
    .map(({ action }) => action);
  expect([actions[0], actions[1], actions.at(-1)]).toEqual(['STOPPING', 'FINISHED', 'RUNNING']);
});

test('while the kubelet starts the machine is not ready', async () => {
  await restart('w-1', 'kubelet');
  expect(await isReady('w-1')).toBe('false');
  clock.advance(5_000);
  expect(await isReady('w-1')).toBe('true');
});

test.for([
  ['etcd', 'service "etcd" doesn\'t support restart operation via API'],
  ['apid', 'service "apid" doesn\'t support restart operation via API'],
  ['ext-nothing', 'service "ext-nothing" not defined'],
] as const)('%s: %s', async ([id, text]) => {
  const before = world.cluster.journal().length;
  expect(await restart('cp-1', id)).toEqual({ code: 2, text });
  expect(world.cluster.journal().slice(before)).toMatchObject([
    { node: 'cp-1', method: 'ServiceRestart', request: { id }, outcome: `2 ${text}` },
  ]);
});

test('a service that does not run is started instead, where the API may start it', async () => {
  const registry = 'registry: { unreachableFor: [90s], needs: [etcd], cause: server misbehaving }';
  await world.load(`nodes: { cp-1: { ${registry} } }`);
  expect(await seen.service('cp-1', 'etcd')).toMatch(/^Failed: /);
  const text = 'service "etcd" doesn\'t support start operation via API';
  expect(await restart('cp-1', 'etcd')).toEqual({ code: 2, text });
});
