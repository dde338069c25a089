import { expect, test } from 'vitest';
import { medicForThisFile } from './medic-for-this-file.ts';
import { textOf } from './people.ts';
import { mutations, until } from './running-medic.ts';

const here = medicForThisFile();

test.for(['c04-state-not-found-in-time', 'c04-state-not-found-in-time-1.13'])(
  '%s: a worker in maintenance mode gets its stored config back, approved by two, sent once, and proven',
  async (scenario) => {
    const before = mutations(here.folder).length;
    await here.api.scenario(scenario);
    const { id, offers } = await here.api.diagnosed();
    expect(offers.map(({ action, answer }) => [action, answer])).toEqual([
      ['restore_config', 'allowed'],
      ['reboot', 'refused'],
    ]);
    await until('the card names the cause', async () =>
      textOf((await here.people.cards()).at(-1) ?? { ts: '' }).includes('STATE'),
    );
    expect(textOf((await here.people.cards()).at(-1) ?? { ts: '' })).toContain(
      'Talos offers no reboot in maintenance mode',
    );

    await here.people.click('U0ONCALL', 'offer:restore_config');
    await here.people.submitWhen('U0ONCALL', 'SHA-256', { node_name: 'w-2', reason: 'the disk came late' });
    await here.api.planWith(id, 'awaiting');
    await until('others can review', async () =>
      textOf((await here.people.cards()).at(-1) ?? { ts: '' }).includes('review'),
    );
    await here.people.click('U0SECOND', 'review');
    await here.people.submitWhen('U0SECOND', 'SHA-256', { node_name: 'w-2' });
    await here.api.planWith(id, 'verified');
    await until('the lease is free', async () =>
      Object.values((await here.api.incident(id)).head.plans).every((plan) => !plan.holdsLease),
    );

    const sent = mutations(here.folder).slice(before);
    expect(sent.map(({ node, method, outcome, roles }) => ({ node, method, outcome, roles }))).toEqual([
      { node: 'w-2', method: 'ApplyConfiguration', outcome: 'accepted', roles: [] },
    ]);
    await here.api.resolve();
    await until('the incident closes', async () => (await here.api.incident(id)).head.status === 'closed');
    expect((await here.api.incident(id)).chain).toMatchObject({ ok: true });
  },
);

test('a late name: a reboot by one person makes etcd start under the current name, and the finding is gone', async () => {
  const before = mutations(here.folder).length;
  await here.api.scenario('c05-etcd-under-temporary-hostname');
  const { id, offers } = await here.api.diagnosed();
  expect(offers.map(({ action, answer }) => [action, answer])).toEqual([['reboot', 'allowed']]);
  await until('the card', async () => textOf((await here.people.cards()).at(-1) ?? { ts: '' }).includes('talos-'));
  await here.people.click('U0ONCALL', 'offer:reboot');
  await here.people.submitWhen('U0ONCALL', 'DEFAULT', { reason: 'etcd has the wrong name' });
  await here.api.planWith(id, 'verified');
  const sent = mutations(here.folder).slice(before);
  expect(sent.map(({ node, method, roles }) => ({ node, method, roles }))).toEqual([
    { node: 'cp-2', method: 'Reboot', roles: ['os:operator'] },
  ]);
  const { head } = await here.api.incident(id);
  expect(Object.values(head.plans).at(-1)?.because).toContain('etcd name');
});
