import { expect, test } from 'vitest';
import { machineChanges } from '../../lib/talos/changing-methods.ts';
import { type Event, PhaseEvent } from '../../lib/talos/generated/machine/machine.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { eventsOf } from './acting.ts';
import { seenForThisFile } from './seen.ts';
import { applyRequest, NO_TAIL, sequencesIn } from './simulated.ts';
import { until } from './talos-calls.ts';

const { clock, seen, world } = await seenForThisFile();

const reboot = async (name: string) => {
  const answer = await world.to(name, 'operator').call(machineChanges.reboot, { mode: 'DEFAULT' });
  return 'reply' in answer ? (answer.reply.messages[0]?.actorId ?? '') : answer.text;
};

test('a reboot: phases of one actor, a failure that names unix.Reboot(, lost connections, and another boot time', async () => {
  await world.load('healthy');
  const booted = await seen.bootsOf('w-1');
  let greet = () => {};
  const greeted = new Promise<void>((resolve) => {
    greet = resolve;
  });
  const met: Event[] = [];
  const watching = world.to('w-1', 'reader').frames(m.events, NO_TAIL, (frames) => {
    greet();
    met.splice(0, met.length, ...frames);
    return false;
  });
  await greeted;
  const actorId = await reboot('w-1');
  expect(await seen.stage('w-1')).toBe('running'); // nothing moves before time does
  clock.advance(5_200);
  await until(
    async () => sequencesIn(met),
    (sequences) => sequences.some(({ error }) => error !== undefined),
  );
  clock.advance(2_000);
  expect(await watching).toMatchObject({ code: 14 });
  expect(sequencesIn(met).map(({ sequence, action }) => [sequence, action])).toEqual([
    ['reboot', 'START'],
    ['reboot', 'STOP'],
    ['reboot', 'NOOP'],
  ]);
  expect(sequencesIn(met).at(-1)?.error).toMatchObject({
    code: 'FATAL',
    message: expect.stringMatching(/^sequence failed: error running phase \d+ in reboot sequence: .*unix\.Reboot\(/),
  });
  const phases = met.filter(({ data }) => data?.typeUrl === 'talos/runtime/machine.PhaseEvent');
  expect(phases.map(({ data }) => PhaseEvent.decode(data?.value ?? new Uint8Array()).phase)).toContain(
    'stopEverything',
  );
  expect(new Set(phases.map((event) => event.actorId))).toEqual(new Set([actorId]));
  const statuses = met.filter(({ data }) => data?.typeUrl === 'talos/runtime/machine.MachineStatusEvent');
  expect(new Set(statuses.map((event) => event.actorId))).toEqual(new Set(['']));

  expect(await seen.isSilent('w-1')).toBe(true);
  await seen.until(booted(1));
  expect(sequencesIn(await eventsOf(world, 'w-1')).map(({ sequence }) => sequence)).not.toContain('reboot');
});

test('event ids are xids that sort by time, and a reader can go on from one of them', async () => {
  await world.load('c05-etcd-under-temporary-hostname');
  const events = await eventsOf(world, 'cp-2');
  const ids = events.map(({ id }) => id);
  expect(ids.length).toBeGreaterThan(50);
  expect(ids.filter((id) => !/^[0-9a-v]{19}[0g]$/.test(id))).toEqual([]);
  expect(ids).toEqual([...new Set(ids)].sort());
  const tailId = ids.at(-4) ?? '';
  const rest = await world
    .to('cp-2', 'reader')
    .frames(m.events, { ...NO_TAIL, tailId }, (frames) => frames.length === 4);
  expect('reply' in rest && rest.reply.slice(1).map(({ id }) => id)).toEqual(ids.slice(-3));
  const reader = world.to('cp-2', 'reader');
  const two = await reader.frames(m.events, { ...NO_TAIL, tailEvents: 2 }, (frames) => frames.length === 3);
  expect('reply' in two && two.reply.slice(1).map(({ id }) => id)).toEqual(ids.slice(-2));
  const both = await reader.frames(m.events, { ...NO_TAIL, tailEvents: 1, tailId });
  expect(both).toMatchObject({ code: 3 });
});

test('a second reboot takes over the first, which ends as canceled; the machine boots once', async () => {
  await world.load('healthy');
  const booted = await seen.bootsOf('w-3');
  const [first, second] = [await reboot('w-3'), await reboot('w-3')];
  expect(first).not.toBe(second);
  clock.advance(1_000);
  const sequences = sequencesIn(await eventsOf(world, 'w-3')).filter(({ sequence }) => sequence === 'reboot');
  expect(sequences.map(({ action, actorId }) => [action, actorId])).toEqual([
    ['START', first],
    ['STOP', first],
    ['NOOP', first],
    ['START', second],
  ]);
  expect(sequences[2]?.error).toMatchObject({ code: 'CANCELED' });
  await seen.until(booted(1));
  clock.advance(120_000);
  expect(await booted(1)()).toBe(true);
});

test('the journal has every call that would change a node: accepted, refused and dry', async () => {
  await world.load('healthy');
  const before = world.cluster.journal().length;
  await world.to('w-1', 'reader').call(machineChanges.reboot, { mode: 'DEFAULT' });
  await world
    .to('w-1', 'operator')
    .call(machineChanges.applyConfiguration, applyRequest(world.stored('w-1'), { dryRun: true }));
  await world
    .to('w-1', 'admin')
    .call(machineChanges.applyConfiguration, applyRequest(world.stored('w-1'), { dryRun: true }));
  await world.to('w-1', 'reader').call(m.version, {});
  await reboot('w-1');
  const lines = world.cluster.journal().slice(before);
  expect(lines.map(({ at: _, request: __, ...line }) => line)).toEqual([
    { node: 'w-1', method: 'Reboot', roles: ['os:reader'], dryRun: false, outcome: '7 not authorized' },
    { node: 'w-1', method: 'ApplyConfiguration', roles: ['os:operator'], dryRun: true, outcome: '7 not authorized' },
    { node: 'w-1', method: 'ApplyConfiguration', roles: ['os:admin'], dryRun: true, outcome: 'accepted' },
    { node: 'w-1', method: 'Reboot', roles: ['os:operator'], dryRun: false, outcome: 'accepted' },
  ]);
  expect(lines[2]?.request).toMatchObject({
    mode: 'AUTO',
    dryRun: true,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(JSON.stringify(lines)).not.toContain('machine:');
});

test('a config in try mode is taken back when nobody confirms it, and stays when somebody looks again', async () => {
  await world.load('healthy');
  const renamed = world.stored('w-2').toString().replace('hostname: w-2', 'hostname: w-2-tried');
  const admin = world.to('w-2', 'admin');
  const name = async () => {
    const statuses = await seen.resources('w-2', 'network', 'HostnameStatuses.net.talos.dev');
    return JSON.stringify(statuses).includes('w-2-tried') ? 'tried' : 'own';
  };
  const tried = await admin.call(machineChanges.applyConfiguration, applyRequest(renamed, { mode: 'TRY' }));
  expect('reply' in tried && tried.reply.messages[0]).toMatchObject({
    mode: 'TRY',
    modeDetails: expect.stringContaining("in 'try' mode and will be automatically reverted back in 1m0s"),
  });
  expect(await name()).toBe('tried');
  clock.advance(61_000);
  expect(await name()).toBe('own');
  await admin.call(machineChanges.applyConfiguration, applyRequest(renamed, { mode: 'TRY' }));
  await admin.call(machineChanges.applyConfiguration, applyRequest(renamed, { dryRun: true }));
  clock.advance(61_000);
  expect(await name()).toBe('tried');
});

test('stopped in the middle of a boot and started again, the machine goes on where it was', async () => {
  await world.load('version: v1.14.0');
  const bootOf = async (name: string) => ({
    id: await seen.resources(name, 'runtime', 'BootIDs.runtime.talos.dev'),
    startedAt: await seen.bootTime(name),
  });
  const old = await bootOf('cp-3');
  const booted = await seen.bootsOf('cp-3');
  await reboot('cp-3');
  await seen.until(booted(1, 'booting'));
  const boot = await bootOf('cp-3');
  expect(boot.id).not.toEqual(old.id);
  const leader = await seen.leader('cp-1');
  await world.restart();
  expect(await bootOf('cp-3')).toEqual(boot);
  expect(await seen.stage('cp-3')).toBe('booting');
  await seen.until(booted(1));
  expect(await bootOf('cp-3')).toEqual(boot);
  expect(await seen.leader('cp-1')).toBe(leader);
});

test.for([
  ['v1.11.5', 0],
  ['v1.12.11', 9],
  ['v1.13.9', 9],
] as const)('%s: while a config waits for its reboot, another one meets %i', async ([version, code]) => {
  await world.load(`version: ${version}`);
  const other = world.stored('w-1').toString().replace('rbac: true', 'rbac: false');
  const apply = () => world.to('w-1', 'admin').call(machineChanges.applyConfiguration, applyRequest(other));
  expect(await apply()).toMatchObject({ reply: { messages: [{ mode: 'REBOOT' }] } });
  const text =
    'configuration was already applied and node is rebooting, cannot apply more configuration changes until next reboot';
  const again = await apply();
  if (code === 0) expect(again).toHaveProperty('reply');
  else expect(again).toEqual({ code, text });
});
