import { expect } from 'vitest';
import type { JournalLine } from '../../simulator/world.ts';
import type { Shared } from './medic-for-this-file.ts';
import { textOf } from './people.ts';
import { mutations, until } from './running-medic.ts';

/** What people do about one incident: one asks and confirms, and where it needs two, another one says yes. */
export type Repair = {
  readonly scenario: string;
  readonly action: string;
  /** Stands in the form once the plan is ready. */
  readonly shows: string;
  readonly typed: Readonly<Record<string, string>>;
  /** Form of the second person; undefined: one is enough. */
  readonly approves: Readonly<Record<string, string>> | undefined;
};

export type Repaired = {
  readonly id: string;
  /** Offers on the card before anybody clicked: action and answer. */
  readonly offers: readonly (readonly [string, string])[];
  /** What reached nodes since the scenario was loaded, in order. */
  readonly sent: readonly JournalLine[];
  readonly because: string;
};

/** From the alert to the verdict `verified` and a free lease, through Slack only. */
export async function repair(here: Shared, { scenario, action, shows, typed, approves }: Repair): Promise<Repaired> {
  const { api, people } = here;
  const before = mutations(here.folder).length;
  const known = new Set((await api.incidents()).map((incident) => incident.id));
  await api.scenario(scenario);
  await until('a new incident', async () => (await api.incidents()).some((incident) => !known.has(incident.id)));
  const { id, offers } = await api.diagnosed();
  const card = async () => textOf((await people.cards()).at(-1) ?? { ts: '' });
  await until(`the card offers ${action}`, async () => {
    const text = await card();
    return text.includes(id) && text.includes(`offer:${action}`);
  });
  // a form of an earlier repair may say the same
  const opensForm = (user: string) =>
    until(`${user} has a form of ${id}`, async () =>
      JSON.stringify((await people.views(user)).at(-1) ?? '').includes(id),
    );
  await people.click('U0ONCALL', `offer:${action}`);
  await opensForm('U0ONCALL');
  await people.submitWhen('U0ONCALL', shows, typed);
  if (approves !== undefined) {
    await api.planWith(id, 'awaiting');
    await until('others can review', async () => (await card()).includes('"review"'));
    await people.click('U0SECOND', 'review');
    await opensForm('U0SECOND');
    await people.submitWhen('U0SECOND', shows, approves);
  }
  await api.planWith(id, 'verified');
  await until('the lease is free', async () =>
    Object.values((await api.incident(id)).head.plans).every((plan) => !plan.holdsLease),
  );
  const sent = mutations(here.folder).slice(before);
  const { head, chain } = await api.incident(id);
  if (!chain.ok) throw new Error(`the record of ${id} is not whole`);
  const because = Object.values(head.plans).at(-1)?.because ?? '';
  return { id, offers: offers.map((offer) => [offer.action, offer.answer] as const), sent, because };
}

/** A call that reached a node: its name, the method, the role that asked, and what the request had to say. */
export type Call = readonly [node: string, method: string, role: string, request: Readonly<Record<string, unknown>>];

/** The whole of it: these calls and no others, proven, and the incident closes. Returns what the verdict rests on. */
export async function repairsBy(here: Shared, story: Repair, calls: readonly Call[]): Promise<string> {
  const { id, sent, because } = await repair(here, story);
  expect(sent.map(({ node, method, outcome, roles }) => [node, method, outcome, ...roles])).toEqual(
    calls.map(([node, method, role]) => [node, method, 'accepted', role]),
  );
  expect(sent.map(({ request }) => request)).toMatchObject(calls.map(([, , , request]) => request));
  await closes(here, id);
  return because;
}

/** What was repaired stays so: Alertmanager says resolved, and Talos agrees. */
export async function closes({ api }: Shared, id: string): Promise<void> {
  await api.resolve();
  await until('the incident closes', async () => (await api.incident(id)).head.status === 'closed');
}
