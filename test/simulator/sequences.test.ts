import { beforeEach, expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import { actorOf, eventsOf, phasesOf, REBOOT, RESET, UPGRADE } from './acting.ts';
import { seenForThisFile } from './seen.ts';
import { sequencesIn } from './simulated.ts';

const { clock, seen, world } = await seenForThisFile();
beforeEach(() => world.load('healthy'));

const IMAGE = 'ghcr.io/siderolabs/installer:v1.13.9';
const NODE = 'w-1';

/** Asks for a sequence; its actor. */
async function ask(sequence: 'reboot' | 'reset' | 'upgrade' | 'stageUpgrade'): Promise<string> {
  const admin = world.to(NODE, 'admin');
  if (sequence === 'reboot') return actorOf(await admin.call(change.reboot, REBOOT));
  if (sequence === 'reset') return actorOf(await admin.call(change.reset, RESET));
  const stage = sequence === 'stageUpgrade';
  return actorOf(await admin.call(change.upgrade, { ...UPGRADE, image: IMAGE, stage }));
}
const sequences = async () =>
  sequencesIn(await eventsOf(world, NODE)).map(({ sequence, action, actorId, error }) =>
    [sequence, action, actorId, error?.code].filter(Boolean),
  );

test.for([
  ['reboot', 'reboot', true],
  ['reboot', 'reset', false],
  ['reboot', 'upgrade', false],
  ['reset', 'reboot', true],
  ['reset', 'reset', false],
  ['reset', 'upgrade', false],
  ['upgrade', 'reboot', false],
  ['upgrade', 'reset', false],
  ['upgrade', 'upgrade', false],
  ['stageUpgrade', 'reboot', false],
  ['stageUpgrade', 'reset', false],
  ['stageUpgrade', 'upgrade', false],
  ['upgrade', 'stageUpgrade', false],
] as const)(
  'while a %s runs, a %s takes over: %s; the answer to the call is the same',
  async ([running, wanted, takes]) => {
    const first = await ask(running);
    clock.advance(1_000);
    const second = await ask(wanted);
    expect(second).toMatch(/^[0-9a-f-]{36}$/);
    clock.advance(500);
    const locked = [[wanted, 'NOOP', 'LOCKED']];
    const over = [
      [running, 'STOP', first],
      [running, 'NOOP', first, 'CANCELED'],
      [wanted, 'START', second],
    ];
    expect((await sequences()).slice(-(takes ? 4 : 2))).toEqual([
      [running, 'START', first],
      ...(takes ? over : locked),
    ]);
  },
);

test.for(['reboot', 'reset', 'upgrade', 'stageUpgrade'] as const)('a boot that goes on: %s', async (wanted) => {
  const booted = await seen.bootsOf(NODE);
  expect(await ask('reboot')).toMatch(/^[0-9a-f-]{36}$/);
  await seen.until(booted(1, 'booting'));
  expect((await sequences()).at(-1)).toEqual(['boot', 'START']);
  const second = await ask(wanted);
  clock.advance(500);
  const last = (await sequences()).slice(-2);
  // a staged upgrade is not among those that a boot gives way to
  if (wanted === 'stageUpgrade') expect(last[1]).toEqual([wanted, 'NOOP', 'LOCKED']);
  else
    expect(last).toEqual([
      ['boot', 'NOOP', 'CANCELED'],
      [wanted, 'START', second],
    ]);
});

test('two resets that were accepted at once: the second finds the first running', async () => {
  const [first] = [await ask('reset'), await ask('reset')];
  clock.advance(500);
  expect((await sequences()).slice(-2)).toEqual([
    ['reset', 'START', first],
    ['reset', 'NOOP', 'LOCKED'],
  ]);
});

const CLEAN = ['cleanup', 'dbus'];
const OLD = ['stopServices', 'umount', 'unmountBind', 'unmountSystem', 'volumeFinalize', 'kexec', 'stopEverything'];
test.for<[version: string, mode: 'DEFAULT' | 'POWERCYCLE' | 'FORCE', phases: string[], command: string]>([
  ['v1.8.4', 'DEFAULT', [...CLEAN, 'stopServices', 'unmountUser', ...OLD.slice(1), 'reboot'], '45584543'],
  ['v1.11.5', 'FORCE', [...CLEAN, ...OLD, 'reboot'], '45584543'],
  ['v1.12.11', 'FORCE', ['reboot'], '1234567'],
  ['v1.13.9', 'POWERCYCLE', [...CLEAN, ...OLD, 'reboot'], '1234567'],
])('%s, reboot %s: its phases, and the system call that ends them', async ([version, mode, phases, command]) => {
  await world.load(`version: ${version}`);
  const booted = await seen.bootsOf(NODE);
  const actor = actorOf(await world.to(NODE, 'operator').call(change.reboot, { mode }));
  let events = await eventsOf(world, NODE);
  for (let tries = 0; tries < 60 && !sequencesIn(events).some(({ error }) => error); tries += 1) {
    clock.advance(250);
    events = await eventsOf(world, NODE);
  }
  expect(phasesOf(events, actor)).toEqual(phases);
  const last = sequencesIn(events).at(-1);
  expect(last?.error).toMatchObject({
    code: 'FATAL',
    message: expect.stringMatching(`unix\\.Reboot\\(${command}\\)$`),
  });
  expect(last?.error?.message).toContain(`phase ${phases.length} in reboot sequence`);
  await seen.until(booted(1));
});

test('1.14 prepares kexec when everything has stopped, and lets no new service start', async () => {
  await world.load('version: v1.14.0');
  const actor = await ask('reboot');
  clock.advance(5_500);
  const phases = phasesOf(await eventsOf(world, NODE), actor);
  expect(phases.slice(2, 4)).toEqual(['denyNewServices', 'stopServices']);
  expect(phases.slice(-3)).toEqual(['stopEverything', 'kexec', 'reboot']);
});
