import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ALERT_TOKEN, API_TOKEN, type RunningMedic, until } from './running-medic.ts';

const Place = z.object({ url: z.url(), controlToken: z.string() });
const Button = z.looseObject({ action_id: z.string().optional(), value: z.string().optional() });
const Message = z.looseObject({
  ts: z.string(),
  thread_ts: z.string().optional(),
  text: z.string().optional(),
  ephemeral_for: z.string().optional(),
  blocks: z
    .array(
      z.looseObject({ type: z.string(), elements: z.array(z.unknown()).optional(), accessory: z.unknown().optional() }),
    )
    .optional(),
});
export type Message = z.infer<typeof Message>;
const View = z.looseObject({
  id: z.string(),
  callback_id: z.string().optional(),
  external_id: z.string().optional(),
  blocks: z.array(z.unknown()),
});
export type View = z.infer<typeof View>;

/** What people do and see in the local Slack, through its control API. */
export function peopleOf(folder: string) {
  const { url, controlToken } = Place.parse(JSON.parse(readFileSync(join(folder, 'slack', 'slack.json'), 'utf8')));
  const call = async (path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/local/slack/control/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${controlToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return response.json();
  };
  const messages = async () =>
    z.object({ messages: z.array(Message) }).parse(await call('messages?channel=C0TALOS')).messages;
  const cards = async () =>
    (await messages()).filter(
      (message) =>
        message.thread_ts === undefined && message.ephemeral_for === undefined && (message.blocks?.length ?? 0) > 0,
    );
  const views = async (user: string) =>
    z.object({ views: z.array(View) }).parse(await call(`views?user=${user}`)).views;
  return {
    messages,
    cards,
    views,
    fault: (fault: unknown) => call('fault', fault),
    command: (user: string, text: string) => call('command', { user, text }),
    ephemeral: async (user: string) =>
      (await messages()).filter((message) => message.ephemeral_for === user).map(textOf),
    /** Clicks the button whose action id begins so, on the latest card. */
    async click(user: string, actionId: string): Promise<unknown> {
      const card = (await cards()).at(-1);
      const button = card && buttonsOf(card).find((one) => one.action_id?.startsWith(actionId));
      if (card === undefined || button === undefined)
        throw new Error(`no button ${actionId} on the card: ${JSON.stringify(card?.blocks)}`);
      return call('click', { user, channel: 'C0TALOS', ts: card.ts, action_id: button.action_id, value: button.value });
    },
    /** Waits until the person's modal has the text, then submits it. */
    async submitWhen(user: string, text: string, values: Readonly<Record<string, string>>): Promise<unknown> {
      await until(`${user} sees "${text}" in a modal`, async () =>
        JSON.stringify((await views(user)).at(-1) ?? '').includes(text),
      );
      const view = (await views(user)).at(-1);
      return call('submit', { user, view_id: view?.id, values });
    },
  };
}
export type People = ReturnType<typeof peopleOf>;

export const buttonsOf = (card: Message) =>
  (card.blocks ?? []).flatMap(({ elements = [], accessory }) =>
    [...elements, accessory].flatMap((element) => {
      const button = Button.safeParse(element);
      return button.success && button.data.action_id !== undefined ? [button.data] : [];
    }),
  );

export const textOf = (message: Message): string => `${message.text ?? ''}\n${JSON.stringify(message.blocks ?? [])}`;

const Incident = z.looseObject({ id: z.string(), status: z.string(), node: z.string() });
const Record_ = z.looseObject({
  head: z.looseObject({
    status: z.string(),
    plans: z.record(
      z.string(),
      z.looseObject({
        id: z.string(),
        status: z.string(),
        because: z.string(),
        verdict: z.string().optional(),
        holdsLease: z.boolean(),
      }),
    ),
    diagnosis: z.looseObject({ findings: z.array(z.looseObject({ code: z.string() })) }).optional(),
  }),
  offers: z.array(z.looseObject({ action: z.string(), answer: z.string() })),
  events: z.array(z.looseObject({ seq: z.int(), event: z.looseObject({ type: z.string() }) })),
  chain: z.looseObject({ ok: z.boolean() }),
});

/** Medic's own API, and the panel. */
export function apiOf({ address }: Pick<RunningMedic, 'address'>) {
  const headers = { authorization: `Bearer ${API_TOKEN}` };
  const incidents = async () => {
    const response = await fetch(`${address}/api/incidents`, { headers });
    return z.object({ incidents: z.array(Incident) }).parse(await response.json()).incidents;
  };
  const incident = async (id: string) =>
    Record_.parse(await (await fetch(`${address}/api/incidents/${id}`, { headers })).json());
  return {
    incidents,
    incident,
    alerts: (body: string, path = '/alerts', token = ALERT_TOKEN) =>
      fetch(`${address}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body,
      }),
    async scenario(name: string): Promise<void> {
      const response = await fetch(`${address}/local/scenario`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
      });
      if (!response.ok) throw new Error(`scenario ${name}: ${response.status} ${await response.text()}`);
    },
    async resolve(): Promise<void> {
      await fetch(`${address}/local/resolve`, { method: 'POST' });
    },
    /** The newest incident once its diagnosis is there. */
    async diagnosed() {
      await until('a diagnosis', async () => {
        const [newest] = await incidents();
        return newest !== undefined && (await incident(newest.id)).head.diagnosis !== undefined;
      });
      const [newest] = await incidents();
      if (newest === undefined) throw new Error('there is no incident');
      return { id: newest.id, ...(await incident(newest.id)) };
    },
    async planWith(id: string, status: string, withinMs = 40_000) {
      const plans = async () => Object.values((await incident(id)).head.plans);
      await until(
        `a plan that is ${status}`,
        async () => (await plans()).some((plan) => plan.status === status),
        withinMs,
      ).catch(async (error: unknown) => {
        throw new Error(`${String(error)}; plans: ${JSON.stringify(await plans())}`, { cause: error });
      });
      return (await plans()).find((plan) => plan.status === status);
    },
  };
}
export type Api = ReturnType<typeof apiOf>;
