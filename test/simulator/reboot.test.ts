import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineChanges } from '../../lib/talos/changing-methods.ts';
import { type Event, PhaseEvent } from '../../lib/talos/generated/machine/machine.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { applyRequest, NO_TAIL, type Simulated, sequencesIn, simulate } from './simulated.ts';
import { SteppedClock } from './stepped-clock.ts';
import { until } from './talos-calls.ts';

const clock = new SteppedClock();
let world: Simulated;
beforeAll(async () => {
  world = await simulate({ clock, factor: 1 });
});
afterAll(() => world.end());

const reboot = async (name: string) => {
  const seen = await world.to(name, 'operator').call(machineChanges.reboot, { mode: 'DEFAULT' });
  return 'reply' in seen ? (seen.reply.messages[0]?.actorId ?? '') : seen.text;
};
const history = async (name: string, tailEvents = -1): Promise<readonly Event[]> => {
  const size = world.cluster.state.nodes[name]?.boot?.events.length ?? 0;
  const enough = (frames: readonly Event[]) => frames.length > (tailEvents < 0 ? size : tailEvents);
  const seen = await world.to(name, 'reader').frames(m.events, { ...NO_TAIL, tailEvents }, enough);
  if (!('reply' in seen)) throw new Error(seen.text);
  return seen.reply.slice(1);
};
/** Time goes on until the machine is there again. */
async function untilRunning(name: string): Promise<void> {
  const isThere = () => world.cluster.state.nodes[name]?.boot?.stage === 'running';
  for (let seconds = 0; seconds < 120 && !isThere(); seconds += 1) clock.advance(1_000);
  await until(
    () => world.stage(name),
    (stage) => stage === 'running',
  );
}

test('a reboot: phases of one actor, a failure that names unix.Reboot(, lost connections, and another boot time', async () => {
  await world.load('healthy');
  const before = await world.bootTime('w-1');
  let greet = () => {};
  const greeted = new Promise<void>((resolve) => {
    greet = resolve;
  });
  const seen: Event[] = [];
  const watching = world.to('w-1', 'reader').frames(m.events, NO_TAIL, (frames) => {
    greet();
    seen.splice(0, seen.length, ...frames);
    return false;
  });
  await greeted;
  const actorId = await reboot('w-1');
  expect(await world.stage('w-1')).toBe('running'); // nothing moves before time does
  clock.advance(5_200);
  await until(
    async () => sequencesIn(seen),
    (sequences) => sequences.some(({ error }) => error !== undefined),
  );
  clock.advance(2_000);
  expect(await watching).toMatchObject({ code: 14 });
  expect(sequencesIn(seen).map(({ sequence, action }) => [sequence, action])).toEqual([
    ['reboot', 'START'],
    ['reboot', 'STOP'],
    ['reboot', 'NOOP'],
  ]);
  expect(sequencesIn(seen).at(-1)?.error).toMatchObject({
    code: 'FATAL',
    message: expect.stringMatching(/^sequence failed: error running phase \d+ in reboot sequence: .*unix\.Reboot\(/),
  });
  const phases = seen.filter(({ data }) => data?.typeUrl === 'talos/runtime/machine.PhaseEvent');
  expect(phases.map(({ data }) => PhaseEvent.decode(data?.value ?? new Uint8Array()).phase)).toContain(
    'stopEverything',
  );
  expect(new Set(phases.map((event) => event.actorId))).toEqual(new Set([actorId]));
  const statuses = seen.filter(({ data }) => data?.typeUrl === 'talos/runtime/machine.MachineStatusEvent');
  expect(new Set(statuses.map((event) => event.actorId))).toEqual(new Set(['']));

  expect(await world.to('w-1', 'reader', { deadlineMs: 300 }).call(m.version, {})).toHaveProperty('code');
  await untilRunning('w-1');
  expect(await world.bootTime('w-1')).toBeGreaterThan(before);
  expect(sequencesIn(await history('w-1')).map(({ sequence }) => sequence)).not.toContain('reboot');
});

test('event ids are xids that sort by time, and a reader can go on from one of them', async () => {
  await world.load('c05-etcd-under-temporary-hostname');
  const events = await history('cp-2');
  const ids = events.map(({ id }) => id);
  expect(ids.length).toBeGreaterThan(50);
  expect(ids.filter((id) => !/^[0-9a-v]{19}[0g]$/.test(id))).toEqual([]);
  expect(ids).toEqual([...new Set(ids)].sort());
  const tailId = ids.at(-4) ?? '';
  const rest = await world
    .to('cp-2', 'reader')
    .frames(m.events, { ...NO_TAIL, tailId }, (frames) => frames.length === 4);
  expect('reply' in rest && rest.reply.slice(1).map(({ id }) => id)).toEqual(ids.slice(-3));
  expect((await history('cp-2', 2)).map(({ id }) => id)).toEqual(ids.slice(-2));
  const both = await world.to('cp-2', 'reader').frames(m.events, { ...NO_TAIL, tailEvents: 1, tailId });
  expect(both).toMatchObject({ code: 3 });
});

test('a second reboot takes over the first, which ends as canceled; the machine boots once', async () => {
  await world.load('healthy');
  const [first, second] = [await reboot('w-3'), await reboot('w-3')];
  expect(first).not.toBe(second);
  clock.advance(1_000);
  const sequences = sequencesIn(await history('w-3', 20)).filter(({ sequence }) => sequence === 'reboot');
  expect(sequences.map(({ action, actorId }) => [action, actorId])).toEqual([
    ['START', first],
    ['STOP', first],
    ['NOOP', first],
    ['START', second],
  ]);
  expect(sequences[2]?.error).toMatchObject({ code: 'CANCELED' });
  await untilRunning('w-3');
  expect(world.cluster.state.nodes['w-3']?.bootCount).toBe(2);
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
    const seen = await world.to('w-2', 'reader').list('network', 'HostnameStatuses.net.talos.dev');
    return JSON.stringify(seen).includes('w-2-tried') ? 'tried' : 'own';
  };
  const seen = await admin.call(machineChanges.applyConfiguration, applyRequest(renamed, { mode: 'TRY' }));
  expect('reply' in seen && seen.reply.messages[0]).toMatchObject({
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
  await world.load('healthy');
  await reboot('cp-3');
  clock.advance(8_000 + 12_000 + 6_000);
  const boot = () => world.cluster.state.nodes['cp-3']?.boot;
  expect(boot()?.stage).toBe('booting');
  const { id, startedAt } = boot() ?? {};
  const leader = world.cluster.state.etcd.leader;
  await world.restart();
  expect(boot()).toMatchObject({ id, startedAt, stage: 'booting' });
  expect(world.cluster.state.nodes['cp-3']?.pending.length).toBeGreaterThan(0);
  await untilRunning('cp-3');
  expect(boot()?.id).toBe(id);
  expect(world.cluster.state.etcd.leader).toBe(leader);
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
  const seen = await apply();
  if (code === 0) expect(seen).toHaveProperty('reply');
  else expect(seen).toEqual({ code, text });
});
