import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { machineChanges } from '../../lib/talos/changing-methods.ts';
import { talos } from '../simulator/talos-calls.ts';
import { medicForThisFile } from './medic-for-this-file.ts';
import { textOf } from './people.ts';
import { cleanUp, mutations, newFolder, startMedic, until, worldOf } from './running-medic.ts';

const here = medicForThisFile();

/** Processes of this user that have the folder in their arguments or environment. */
function processesOf(place: string): readonly string[] {
  const told = (pid: string, file: string) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8');
    } catch {
      return ''; // it ended meanwhile
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => `${told(pid, 'cmdline')}${told(pid, 'environ')}`.includes(place))
    .map((pid) => told(pid, 'cmdline').replaceAll('\0', ' '));
}

test('a second one on the same folder says so and what to do, and the first goes on', async () => {
  await expect(startMedic(here.folder)).rejects.toThrow(`Talos Medic already runs on ${here.folder}. Stop it first`);
  expect((await fetch(`${here.medic.address}/healthz`)).status).toBe(200);
  expect(await here.api.incidents()).toEqual([]);
});

test('a port that is taken is named, and everything that was started for it ends', async () => {
  const other = await newFolder();
  const port = new URL(here.medic.address).port;
  await expect(startMedic(other, { MEDIC_PORT: port })).rejects.toThrow(
    `Port ${port} is taken by another program. Choose another one: MEDIC_PORT=<port> npm start.`,
  );
  await until('its processes are gone', () => processesOf(other).length === 0);
  await cleanUp(other);
});

test.for([
  [{ MEDIC_PORT: 'http' }, 'MEDIC_PORT'],
  [{ MEDIC_CLOCK_FACTOR: '-1' }, 'MEDIC_CLOCK_FACTOR'],
] as const)('a setting that cannot be is refused by its name: %j', async ([env, name]) => {
  await expect(startMedic(await newFolder(), env)).rejects.toThrow(name);
});

test('Ctrl-C leaves no process behind; started again, everything is there and what was begun goes on', async () => {
  await here.api.scenario('c04-state-not-found-in-time');
  const { id, head } = await here.api.diagnosed();
  const cardText = async () => textOf((await here.people.cards()).at(-1) ?? { ts: '' });
  await until('the offer on the card', async () => (await cardText()).includes('offer:restore_config'));
  await here.people.click('U0ONCALL', 'offer:restore_config');
  await here.people.submitWhen('U0ONCALL', 'SHA-256', { node_name: 'w-2', reason: 'the disk came late' });
  await until('one of two said yes', async () => (await cardText()).includes('1 of 2 said yes'));
  // whoever may be the second is called then, and nothing more happens by itself
  const called = async () =>
    Object.values((await here.api.incident(id)).head.plans).every((plan) => plan['called'] === 1);
  await until('the others were called', called);
  const { plans } = (await here.api.incident(id)).head;
  expect(processesOf(here.folder).length).toBeGreaterThan(3);

  expect(await here.medic.stop()).toBe(0);
  expect(processesOf(here.folder)).toEqual([]);
  await here.startAgain();

  const again = await here.api.incident(id);
  expect(again.chain).toMatchObject({ ok: true });
  expect(again.head.diagnosis).toEqual(head.diagnosis);
  expect(again.head.plans).toEqual(plans);
  await here.people.click('U0SECOND', 'review');
  await here.people.submitWhen('U0SECOND', 'SHA-256', { node_name: 'w-2' });
  await here.api.planWith(id, 'verified');
  expect(mutations(here.folder).map(({ method, outcome }) => [method, outcome])).toEqual([
    ['ApplyConfiguration', 'accepted'],
  ]);
  expect((await here.people.cards()).filter((card) => textOf(card).includes(id))).toHaveLength(1);
});

test('the calls that nodes wrote down are shown whatever ends: Medic by kill -9, or everything by Ctrl-C', async () => {
  const world = join(here.folder, 'world');
  const w1 = talos(world, worldOf(here.folder), 'w-1', 'reader');
  expect(await w1.call(machineChanges.reboot, { mode: 'FORCE' })).toMatchObject({ code: 7 });
  const shown = async () => {
    const page = await (await fetch(`${here.medic.address}/local/panel/state`)).text();
    return page
      .slice(page.indexOf('id="calls"'))
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ');
  };
  const line = 'w-1 Reboot by os:reader {} refused 7 not authorized';
  expect(await shown()).toContain(line);
  const before = readFileSync(join(world, 'journal.jsonl'), 'utf8');

  await here.medic.kill();
  await here.startAgain();
  expect(await shown()).toContain(line);
  expect(await here.medic.stop()).toBe(0);
  await here.startAgain();
  expect(await shown()).toContain(line);
  expect(readFileSync(join(world, 'journal.jsonl'), 'utf8').startsWith(before)).toBe(true);
});
