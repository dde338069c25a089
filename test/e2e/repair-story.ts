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
  await api.scenario(scenario);
  const { id, offers } = await api.diagnosed();
  const card = async () => textOf((await people.cards()).at(-1) ?? { ts: '' });
  await until(`the card offers ${action}`, async () => {
    const text = await card();
    return text.includes(id) && text.includes(`offer:${action}`);
  });
  await people.click('U0ONCALL', `offer:${action}`);
  await people.submitWhen('U0ONCALL', shows, typed);
  if (approves !== undefined) {
    await api.planWith(id, 'awaiting');
    await until('others can review', async () => (await card()).includes('"review"'));
    await people.click('U0SECOND', 'review');
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

/** What was repaired stays so: Alertmanager says resolved, and Talos agrees. */
export async function closes({ api }: Shared, id: string): Promise<void> {
  await api.resolve();
  await until('the incident closes', async () => (await api.incident(id)).head.status === 'closed');
}
