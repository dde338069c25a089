import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { createSlackApp } from '../../lib/slack/app.ts';
import type { Desk } from '../../lib/slack/desk.ts';
import { renderCard } from '../../lib/slack/views/card.ts';
import { renderPlan } from '../../lib/slack/views/plan-modal.ts';
import { createSlackPort } from '../../lib/slack/web.ts';
import { BOT, MAIN_CHANNEL, TEAM } from '../../simulator/slack/people.ts';
import { type RunningSlack, startLocalSlack } from '../../simulator/slack/start-local-slack.ts';
import { fakeDesk, no, toReview, wrong } from '../slack/fake-desk.ts';
import { buttonsOf, textOf } from '../slack/reading.ts';
import * as story from '../slack/stories.ts';

/** The same listeners and port as on AWS, against the local Slack over real sockets. */
const SECRET = 'contract-secret';
const TOKEN = 'xoxb-contract';
const CHANNEL = MAIN_CHANNEL.id;
const metadata = { incidentId: 'inc-1' };
const card = (state = story.stateAfter(...story.diagnosed)) =>
  renderCard(state, { now: story.atS(100), auditUrl: 'https://medic.example/audit/inc-1' });

let folder: string;
let slack: RunningSlack;
let medic: Server;
let change: Partial<Desk>;
let asked: unknown[][];

beforeEach(async () => {
  change = {};
  folder = mkdtempSync(join(tmpdir(), 'medic-slack-'));
  medic = createServer();
  await new Promise<void>((resolve) => medic.listen(0, '127.0.0.1', resolve));
  slack = await startLocalSlack({
    folder,
    port: 0,
    eventsUrl: `http://127.0.0.1:${portOf(medic)}/slack/events`,
    signingSecret: SECRET,
    botToken: TOKEN,
  });
  const fake = fakeDesk();
  asked = fake.asked;
  const desk = new Proxy(fake.desk, { get: (target, name, self) => Reflect.get({ ...target, ...change }, name, self) });
  const { handler } = createSlackApp({
    signingSecret: SECRET,
    botToken: async () => TOKEN,
    botId: BOT.botId,
    botUserId: BOT.userId,
    apiUrl: `${slack.url}/local/slack/api/`,
    desk,
  });
  medic.on('request', async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const answer = await handler({ headers, body: Buffer.concat(chunks).toString('base64'), isBase64Encoded: true });
    response.writeHead(answer.statusCode, answer.headers).end(answer.body);
  });
});

afterEach(async () => {
  await slack.stop();
  await new Promise((resolve) => medic.close(resolve));
  rmSync(folder, { recursive: true });
});

const portOf = (server: Server): number => z.object({ port: z.number() }).parse(server.address()).port;
const port = () => createSlackPort({ token: TOKEN, apiUrl: `${slack.url}/local/slack/api/` });

async function control(path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${slack.url}/local/slack/control/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${slack.controlToken}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return response.json();
}
const Messages = z.object({
  messages: z.array(
    z.looseObject({
      ts: z.string(),
      text: z.string(),
      blocks: z.unknown().optional(),
      thread_ts: z.string().optional(),
      ephemeral_for: z.string().optional(),
    }),
  ),
});
const messages = async () => Messages.parse(await control(`messages?channel=${CHANNEL}`)).messages;
const Views = z.object({
  views: z.array(z.looseObject({ id: z.string(), callback_id: z.string(), blocks: z.unknown() })),
});
const views = async (user: string) => Views.parse(await control(`views?user=${user}`)).views;
async function posted(): Promise<string> {
  const answer = await port().postCard(CHANNEL, card(), metadata);
  return answer.ok ? answer.value.ts : '';
}
const clickOffer = (ts: string) =>
  control('click', { user: 'U0ONCALL', channel: CHANNEL, ts, action_id: 'offer:restore_config' });

test('from the click to the confirmation, in one window', async () => {
  const ts = await posted();
  expect(await clickOffer(ts)).toMatchObject({ status: 'acked', httpStatus: 200 });
  expect(asked[0]).toEqual(['requestPlan', 'inc-1', 'restore_config', { userId: 'U0ONCALL', teamId: TEAM.id }]);
  expect((await views('U0ONCALL')).map(({ callback_id }) => callback_id)).toEqual(['plan_preparing']);

  expect(await port().updateView('ext-1', renderPlan(toReview('submit')))).toEqual({ ok: true, value: undefined });
  const [plan] = await views('U0ONCALL');
  expect(plan?.callback_id).toBe('plan');
  const values = { node_name: 'cp-2', reason: 'node is down' };
  await control('submit', { user: 'U0ONCALL', view_id: plan?.id, values });
  expect(asked.at(-1)?.slice(0, 3)).toEqual(['submit', 'inc-1', 'plan-1']);
  expect(asked.at(-1)?.at(-1)).toEqual({ nodeName: 'cp-2', reason: 'node is down', consoleFingerprint: '' });
  expect(await views('U0ONCALL')).toEqual([]);
});

test('a wrong node name keeps the window open', async () => {
  change = { submit: async () => wrong('nodeName', 'Type cp-2, exactly.') };
  await clickOffer(await posted());
  await port().updateView('ext-1', renderPlan(toReview('submit')));
  const values = { node_name: 'cp-3', reason: 'node is down' };
  await control('submit', {
    user: 'U0ONCALL',
    external_id: 'ext-1',
    view_id: (await views('U0ONCALL'))[0]?.id,
    values,
  });
  expect((await views('U0ONCALL')).map(({ callback_id }) => callback_id)).toEqual(['plan']);
});

test('a second person reviews the same plan and denies it with a reason', async () => {
  const ts = await posted();
  await port().updateCard(CHANNEL, ts, card(story.stateAfter(...story.awaiting)), metadata);
  await control('click', { user: 'U0SECOND', channel: CHANNEL, ts, action_id: 'review' });
  const [plan] = await views('U0SECOND');
  await control('click', { user: 'U0SECOND', view_id: plan?.id, action_id: 'deny' });
  const [denying] = await views('U0SECOND');
  expect(denying?.callback_id).toBe('plan_deny');
  await control('submit', { user: 'U0SECOND', view_id: denying?.id, values: { reason: 'wrong node' } });
  expect(asked.at(-1)?.at(0)).toBe('deny');
  expect(asked.at(-1)?.at(-1)).toBe('wrong node');
});

test('a refusal is seen by the one who clicked only', async () => {
  change = { requestPlan: async () => no('You have no admin role in demo. Who can: <@U0LEAD>.') };
  await clickOffer(await posted());
  const told = (await messages()).filter(({ ephemeral_for }) => ephemeral_for !== undefined);
  expect(told.map(({ ephemeral_for, text }) => [ephemeral_for, text])).toEqual([
    ['U0ONCALL', 'You have no admin role in demo. Who can: <@U0LEAD>.'],
  ]);
  expect(await views('U0ONCALL')).toEqual([]);
});

test('the menu shows the evidence', async () => {
  const ts = await posted();
  await control('click', { user: 'U0VIEWER', channel: CHANNEL, ts, action_id: 'more', value: 'show_evidence' });
  expect(asked).toEqual([['look', 'inc-1']]);
  expect(textOf((await views('U0VIEWER'))[0]?.blocks)).toContain('machine.MachineService/Version');
});

test('one card follows its incident to the end, and is found again by its incident', async () => {
  const ts = await posted();
  const slackPort = port();
  for (const chapter of [story.ready, story.awaiting, story.approved, story.executing, story.looked, story.closed]) {
    const updated = await slackPort.updateCard(CHANNEL, ts, card(story.stateAfter(...chapter)), metadata);
    expect(updated).toEqual({ ok: true, value: undefined });
  }
  const all = await messages();
  expect(all).toHaveLength(1);
  expect(textOf(all[0]?.blocks)).toContain('cp-2 in demo: closed');
  expect(buttonsOf(all[0]?.blocks)).toEqual([]);
  expect(await slackPort.findCard(CHANNEL, metadata, 0)).toEqual({ ok: true, value: ts });
  expect(await slackPort.findCard(CHANNEL, { incidentId: 'inc-2' }, 0)).toEqual({ ok: true, value: undefined });
});

test('a milestone is told once, however often it is sent', async () => {
  const ts = await posted();
  const first = await port().postThread(CHANNEL, ts, 'Reboot: *verified*. All checks say yes.', {
    ...metadata,
    seq: 9,
  });
  expect(await port().postThread(CHANNEL, ts, 'Reboot: *verified*.', { ...metadata, seq: 9 })).toEqual(first);
  await port().postThread(CHANNEL, ts, 'Closed.', { ...metadata, seq: 10 });
  const replies = (await messages()).filter((message) => message.thread_ts === ts && message.ts !== ts);
  expect(replies.map(({ text }) => text)).toEqual(['Reboot: *verified*. All checks say yes.', 'Closed.']);
});

test('people are described with what decides about their rights', async () => {
  const slackPort = port();
  expect(await slackPort.user('U0GUEST')).toMatchObject({
    value: { isGuest: true, isDeactivated: false, teamId: TEAM.id },
  });
  expect(await slackPort.user('U0GONE')).toMatchObject({ value: { isDeactivated: true } });
  expect(await slackPort.user('UNOBODY')).toMatchObject({ ok: false, error: { code: 'refused' } });
});

test('a Slack that is not there is told apart from one that did not answer', async () => {
  await slack.stop();
  expect(await port().user('U0LEAD')).toMatchObject({ ok: false, error: { code: 'unavailable' } });
});
