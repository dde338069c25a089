import { expect, test } from 'vitest';
import * as z from 'zod';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import { MachineStatusEvent } from '../../lib/talos/generated/machine/machine.ts';
import { shutdownMethods } from '../../simulator/nodes/shutdown-method.ts';
import { eventsOf, REBOOT, RESET, UPGRADE } from './acting.ts';
import { seenForThisFile } from './seen.ts';
import { applyRequest } from './simulated.ts';
import type { Identity } from './talos-calls.ts';

const { clock, seen, world } = await seenForThisFile();

const Conditions = z.array(z.object({ name: z.string(), reason: z.string() }));
const Status = z.object({ stage: z.string(), status: z.object({ ready: z.boolean(), unmetConditions: Conditions }) });
async function statusOf(name: string, identity: Identity = 'reader') {
  const found = await seen.resources(name, 'runtime', 'MachineStatuses.runtime.talos.dev', identity);
  return Status.parse(found['machine']);
}
const EMPTY = { ready: true, unmetConditions: [] };
const admin = (name: string) => world.to(name, 'admin');

test.for<[stage: string, version: string, begins: () => Promise<unknown>]>([
  ['rebooting', 'v1.13.9', () => admin('w-1').call(change.reboot, REBOOT)],
  ['resetting', 'v1.13.9', () => admin('w-1').call(change.reset, RESET)],
  ['shutting down', 'v1.13.9', () => admin('w-1').call(shutdownMethods.shutdown, { force: false })],
  [
    'upgrading',
    'v1.12.11',
    () => admin('w-1').call(change.upgrade, { ...UPGRADE, image: 'ghcr.io/siderolabs/installer:v1.12.11' }),
  ],
])('while it is %s, nothing is looked at: ready, and no condition is unmet', async ([stage, version, begins]) => {
  await world.load(`version: ${version}`);
  await begins();
  clock.advance(3_000);
  expect(await statusOf('w-1')).toEqual({ stage, status: EMPTY });
});

test.for(['v1.8.4', 'v1.13.9'])('%s: a machine in maintenance mode calls itself ready', async (version) => {
  await world.load(`version: ${version}\nnodes: { w-2: { systemDisk: { partitions: { STATE: absent } } } }`);
  expect(await statusOf('w-2', 'maintenance')).toEqual({ stage: 'maintenance', status: EMPTY });
});

test('while Talos is installed nothing is looked at either', async () => {
  await world.load('fresh-machine');
  await world.to('w-2', 'maintenance').call(change.applyConfiguration, applyRequest(world.stored('w-2')));
  await seen.until(async () => (await seen.stage('w-2')) === 'installing');
  expect(await statusOf('w-2')).toEqual({ stage: 'installing', status: EMPTY });
});

test('a boot: not ready, with what is missing, until everything is there', async () => {
  await world.load('version: v1.13.9');
  const booted = await seen.bootsOf('cp-1');
  await admin('cp-1').call(change.reboot, REBOOT);
  await seen.until(booted(1, 'booting'));
  const { stage, status } = await statusOf('cp-1');
  expect(stage).toBe('booting');
  expect(status.ready).toBe(false);
  const services = status.unmetConditions.find(({ name }) => name === 'services');
  expect(services?.reason).toMatch(/etcd not running, kubelet not running/);
  expect(status.unmetConditions.map(({ name }) => name)).not.toContain('nodeReady'); // it has no node name yet
  await seen.until(booted(1));
  expect(await statusOf('cp-1')).toEqual({ stage: 'running', status: EMPTY });
});

test('events tell every change: booting and not ready, running, ready; without an actor', async () => {
  await world.load('version: v1.13.9');
  const booted = await seen.bootsOf('w-1');
  await admin('w-1').call(change.reboot, REBOOT);
  await seen.until(booted(1));
  const events = (await eventsOf(world, 'w-1')).filter(({ data }) => data?.typeUrl.endsWith('MachineStatusEvent'));
  const told = events.map(({ data }) => MachineStatusEvent.decode(data?.value ?? new Uint8Array()));
  expect(told[0]).toMatchObject({ stage: 'BOOTING', status: { ready: false } });
  expect(told[0]?.status?.unmetConditions.map(({ name }) => name)).toEqual(['time', 'network', 'services']);
  expect(told.at(-1)).toMatchObject({ stage: 'RUNNING', status: EMPTY });
  expect(new Set(told.map(({ stage }) => stage))).toEqual(new Set(['BOOTING', 'RUNNING']));
  expect(new Set(events.map(({ actorId }) => actorId))).toEqual(new Set(['']));
  const twice = told.map((status) => JSON.stringify(status)).filter((text, n, all) => text === all[n - 1]);
  expect(twice).toEqual([]);
});

test('running and not ready: a service stops, the others lose etcd, and both come back', async () => {
  await world.load('version: v1.13.9');
  await world.to('w-1', 'operator').call(change.serviceRestart, { id: 'kubelet' });
  const { stage, status } = await statusOf('w-1');
  expect(stage).toBe('running');
  expect(status.unmetConditions).toEqual([
    { name: 'services', reason: 'kubelet not running' },
    { name: 'nodeReady', reason: 'node "w-1" is not ready' },
  ]);
  clock.advance(10_000);
  expect((await statusOf('w-1')).status).toEqual(EMPTY);
  await world.cluster.setPower('cp-1', 'off');
  await world.cluster.setPower('cp-2', 'off');
  expect((await statusOf('w-1')).status).toMatchObject({ ready: false, unmetConditions: [{ name: 'nodeReady' }] });
  await world.cluster.setPower('cp-1', 'on');
  await seen.until(async () => (await seen.stage('cp-1')) === 'running');
  expect((await statusOf('w-1')).status).toEqual(EMPTY);
});
