import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, apiOf, type People, peopleOf, textOf } from './people.ts';
import { cleanUp, mutations, newFolder, type RunningMedic, startMedic, until } from './running-medic.ts';

let folder: string;
let medic: RunningMedic;
let api: Api;
let people: People;

beforeAll(async () => {
  folder = await newFolder();
  medic = await startMedic(folder);
  api = apiOf(medic);
  people = peopleOf(folder);
});
afterAll(async () => {
  await medic.stop();
  await cleanUp(folder);
});

test.for(['c04-state-not-found-in-time', 'c04-state-not-found-in-time-1.13'])(
  '%s: a worker in maintenance mode gets its stored config back, approved by two, sent once, and proven',
  async (scenario) => {
    const before = mutations(folder).length;
    await api.scenario(scenario);
    const { id, offers } = await api.diagnosed();
    expect(offers.map(({ action, answer }) => [action, answer])).toEqual([
      ['restore_config', 'allowed'],
      ['reboot', 'refused'],
    ]);
    await until('the card names the cause', async () =>
      textOf((await people.cards()).at(-1) ?? { ts: '' }).includes('STATE'),
    );
    expect(textOf((await people.cards()).at(-1) ?? { ts: '' })).toContain('Talos offers no reboot in maintenance mode');

    await people.click('U0ONCALL', 'offer:restore_config');
    await people.submitWhen('U0ONCALL', 'SHA-256', { node_name: 'w-2', reason: 'the disk came late' });
    await api.planWith(id, 'awaiting');
    await until('others can review', async () =>
      textOf((await people.cards()).at(-1) ?? { ts: '' }).includes('review'),
    );
    await people.click('U0SECOND', 'review');
    await people.submitWhen('U0SECOND', 'SHA-256', { node_name: 'w-2' });
    await api.planWith(id, 'verified');
    await until('the lease is free', async () =>
      Object.values((await api.incident(id)).head.plans).every((plan) => !plan.holdsLease),
    );

    const sent = mutations(folder).slice(before);
    expect(sent.map(({ node, method, outcome, roles }) => ({ node, method, outcome, roles }))).toEqual([
      { node: 'w-2', method: 'ApplyConfiguration', outcome: 'accepted', roles: [] },
    ]);
    await api.resolve();
    await until('the incident closes', async () => (await api.incident(id)).head.status === 'closed');
    expect((await api.incident(id)).chain).toMatchObject({ ok: true });
  },
);

test('a late name: a reboot by one person makes etcd start under the current name, and the finding is gone', async () => {
  const before = mutations(folder).length;
  await api.scenario('c05-etcd-under-temporary-hostname');
  const { id, offers } = await api.diagnosed();
  expect(offers.map(({ action, answer }) => [action, answer])).toEqual([['reboot', 'allowed']]);
  await until('the card', async () => textOf((await people.cards()).at(-1) ?? { ts: '' }).includes('talos-'));
  await people.click('U0ONCALL', 'offer:reboot');
  await people.submitWhen('U0ONCALL', 'DEFAULT', { reason: 'etcd has the wrong name' });
  await api.planWith(id, 'verified');
  const sent = mutations(folder).slice(before);
  expect(sent.map(({ node, method, roles }) => ({ node, method, roles }))).toEqual([
    { node: 'cp-2', method: 'Reboot', roles: ['os:operator'] },
  ]);
  const { head } = await api.incident(id);
  expect(Object.values(head.plans).at(-1)?.because).toContain('etcd name');
});
