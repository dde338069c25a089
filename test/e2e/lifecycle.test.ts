import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiOf, peopleOf, textOf } from './people.ts';
import { cleanUp, mutations, newFolder, type RunningMedic, startMedic, until } from './running-medic.ts';

let folder: string;
let medic: RunningMedic;

beforeAll(async () => {
  folder = await newFolder();
  medic = await startMedic(folder);
});
afterAll(async () => {
  await medic.stop();
  await cleanUp(folder);
});

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
  await expect(startMedic(folder)).rejects.toThrow(`Talos Medic already runs on ${folder}. Stop it first`);
  expect((await fetch(`${medic.address}/healthz`)).status).toBe(200);
  expect(await apiOf(medic).incidents()).toEqual([]);
});

test('a port that is taken is named, and everything that was started for it ends', async () => {
  const other = await newFolder();
  const port = new URL(medic.address).port;
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
  const api = apiOf(medic);
  const people = peopleOf(folder);
  await api.scenario('c04-state-not-found-in-time');
  const { id, head } = await api.diagnosed();
  const cardText = async () => textOf((await peopleOf(folder).cards()).at(-1) ?? { ts: '' });
  await until('the offer on the card', async () => (await cardText()).includes('offer:restore_config'));
  await people.click('U0ONCALL', 'offer:restore_config');
  await people.submitWhen('U0ONCALL', 'SHA-256', { node_name: 'w-2', reason: 'the disk came late' });
  const { plans } = await until('one of two said yes', async () => (await cardText()).includes('1 of 2 said yes')).then(
    async () => (await api.incident(id)).head,
  );
  expect(processesOf(folder).length).toBeGreaterThan(3);

  expect(await medic.stop()).toBe(0);
  expect(processesOf(folder)).toEqual([]);
  medic = await startMedic(folder);

  const again = await apiOf(medic).incident(id);
  expect(again.chain).toMatchObject({ ok: true });
  expect(again.head.diagnosis).toEqual(head.diagnosis);
  expect(again.head.plans).toEqual(plans);
  await peopleOf(folder).click('U0SECOND', 'review');
  await peopleOf(folder).submitWhen('U0SECOND', 'SHA-256', { node_name: 'w-2' });
  await apiOf(medic).planWith(id, 'verified');
  expect(mutations(folder).map(({ method, outcome }) => [method, outcome])).toEqual([
    ['ApplyConfiguration', 'accepted'],
  ]);
  expect((await peopleOf(folder).cards()).filter((card) => textOf(card).includes(id))).toHaveLength(1);
});
