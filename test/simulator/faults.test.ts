import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { machineChanges } from '../../lib/talos/changing-methods.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import type { Fault } from '../../simulator/nodes/scenario-schema.ts';
import { eventsOf } from './acting.ts';
import { applyRequest, NO_TAIL, type Simulated, sequencesIn, simulate } from './simulated.ts';
import { addressOf, until } from './talos-calls.ts';

let world: Simulated;
beforeAll(async () => {
  world = await simulate();
});
afterEach(async () => {
  for (const { name } of world.cluster.world.nodes) await world.cluster.setFault(name, undefined);
});
afterAll(() => world.end());

const NODE = 'w-1';
const version = (more: { via?: string; deadlineMs?: number } = {}) =>
  world.to(NODE, 'reader', more).call(m.version, {});
const services = () => world.to(NODE, 'reader', { deadlineMs: 400 }).call(m.serviceList, {});
const play = (fault: Fault) => world.cluster.setFault(NODE, fault);

test.for<[fault: Fault['fault'], direct: RegExp, through: RegExp]>([
  ['refuse', /ECONNREFUSED/, /connect: connection refused/],
  ['wrong_certificate', /certificate/, /x509: certificate signed by unknown authority/],
  ['expired_certificate', /certificate has expired/, /x509: certificate has expired or is not yet valid/],
])('%s: what a caller meets itself, and what a control plane tells it', async ([fault, direct, through]) => {
  await play({ fault });
  expect(await version()).toEqual({ code: 14, text: expect.stringMatching(direct) });
  expect(await version({ via: 'cp-1' })).toEqual({ code: 14, text: expect.stringMatching(through) });
  await world.cluster.setFault(NODE, undefined);
  expect(await version()).toHaveProperty('reply');
});

test('hang: the port takes the connection and never speaks; with a method only that call waits', async () => {
  await play({ fault: 'hang' });
  const socket = connect(50_000, addressOf(world.cluster.world, NODE));
  await once(socket, 'connect');
  socket.destroy();
  expect(await version({ deadlineMs: 300 })).toMatchObject({ code: 4 });
  await world.cluster.setFault(NODE, undefined);
  await play({ fault: 'hang', method: 'ServiceList' });
  expect(await services()).toMatchObject({ code: 4 });
  expect(await version()).toHaveProperty('reply');
});

test('drop: the call arrives, the connection ends; a control plane keeps its own connections', async () => {
  await play({ fault: 'drop', method: 'ServiceList' });
  expect(await world.to(NODE, 'reader').call(m.serviceList, {})).toMatchObject({ code: 14 });
  expect(await version()).toHaveProperty('reply');
  const through = world.to(NODE, 'reader', { via: 'cp-1' });
  const other = world.to('cp-1', 'reader').frames(m.events, NO_TAIL, (frames) => frames.length > 1);
  expect(await through.call(m.serviceList, {})).toEqual({ code: 14, text: 'error reading from server: EOF' });
  await world.to('cp-1', 'operator').call(machineChanges.reboot, { mode: 'DEFAULT' });
  expect(await other).toHaveProperty('reply');
  await until(
    () => world.stage('cp-1'),
    (stage) => stage === 'running',
  );
});

test('drop in a stream: one frame, then the end', async () => {
  await play({ fault: 'drop', method: 'Dmesg' });
  let frames = 0;
  const seen = await world.to(NODE, 'reader').frames(m.dmesg, { follow: false, tail: false }, (all) => {
    frames = all.length;
    return false;
  });
  expect(seen).toMatchObject({ code: 14 });
  expect(frames).toBe(1);
});

test('role_denied: refused, journalled, nothing done; with a method only that call', async () => {
  await play({ fault: 'role_denied', method: 'Reboot' });
  const before = world.cluster.journal().length;
  const seen = await world.to(NODE, 'admin').call(machineChanges.reboot, { mode: 'DEFAULT' });
  expect(seen).toEqual({ code: 7, text: 'not authorized' });
  expect(await version()).toHaveProperty('reply');
  expect(world.cluster.journal().slice(before)).toMatchObject([{ method: 'Reboot', outcome: '7 not authorized' }]);
  expect(sequencesIn(await eventsOf(world, NODE)).map(({ sequence }) => sequence)).not.toContain('reboot');
  expect(await world.stage(NODE)).toBe('running');
});

test('slow: the answer comes, three seconds later', async () => {
  await play({ fault: 'slow', method: 'ServiceList' });
  expect(await services()).toMatchObject({ code: 4 });
  expect(await version()).toHaveProperty('reply');
  expect(await world.to(NODE, 'reader').call(m.serviceList, {})).toHaveProperty('reply');
});

test('hold_reply: the call is journalled and carried out, its answer never comes; reads and dry runs are answered', async () => {
  await play({ fault: 'hold_reply' });
  const before = { journal: world.cluster.journal().length, bootTime: await world.bootTime(NODE) };
  const dry = applyRequest(world.stored(NODE), { dryRun: true });
  expect(await world.to(NODE, 'admin').call(machineChanges.applyConfiguration, dry)).toHaveProperty('reply');
  expect(await world.to(NODE, 'reader').call(machineChanges.reboot, { mode: 'DEFAULT' })).toMatchObject({ code: 7 });
  const held = await world.to(NODE, 'operator').call(machineChanges.reboot, { mode: 'DEFAULT' });
  expect(held).toMatchObject({ code: expect.toSatisfy((code: number) => code === 4 || code === 14) });
  expect(world.cluster.journal().slice(before.journal)).toMatchObject([
    { method: 'ApplyConfiguration', dryRun: true, outcome: 'accepted' },
    { method: 'Reboot', outcome: '7 not authorized' },
    { method: 'Reboot', outcome: 'accepted' },
  ]);
  await until(
    () => world.bootTime(NODE),
    (bootTime) => bootTime > before.bootTime,
  );
});

test('locked: the reboot is accepted, an event without an actor says locked, and the node stays up', async () => {
  await until(
    () => world.stage(NODE),
    (stage) => stage === 'running',
  );
  await play({ fault: 'locked' });
  const bootTime = await world.bootTime(NODE);
  const accepted = await world.to(NODE, 'operator').call(machineChanges.reboot, { mode: 'DEFAULT' });
  expect('reply' in accepted && accepted.reply.messages[0]?.actorId).toMatch(/^[0-9a-f-]{36}$/);
  const tail = { tailEvents: -1, tailId: '', tailSeconds: 0, withActorId: '' };
  const seen = await world
    .to(NODE, 'reader')
    .frames(m.events, tail, (frames) => sequencesIn(frames).some(({ error }) => error?.code === 'LOCKED'));
  const locked = 'reply' in seen ? sequencesIn(seen.reply).at(-1) : undefined;
  expect(locked).toMatchObject({ actorId: '', sequence: 'reboot', action: 'NOOP' });
  expect(await world.bootTime(NODE)).toBe(bootTime);
  expect(await world.stage(NODE)).toBe('running');
});

test.for(['malformed', 'huge'] as const)('%s: only the call that it names', async (fault) => {
  await play({ fault, method: 'ServiceList' });
  const seen = await world.to(NODE, 'reader').call(m.serviceList, {});
  if (fault === 'malformed') expect(seen).toMatchObject({ code: 13, text: expect.stringContaining('parsing') });
  else expect(seen).toMatchObject({ code: 8, text: expect.stringContaining('larger than max') });
  expect(await version()).toHaveProperty('reply');
});

test('faults may be part of a scenario, and go with it', async () => {
  await world.load('nodes: { w-1: { faults: [{ fault: role_denied, method: Version }] } }');
  expect(await version()).toMatchObject({ code: 7 });
  await world.load('healthy');
  expect(await version()).toHaveProperty('reply');
});
