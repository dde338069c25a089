import { expect, test } from 'vitest';
import { createSlackApp } from '../../lib/slack/app.ts';
import type { Desk } from '../../lib/slack/desk.ts';
import type { SlackRequest } from '../../lib/slack/receiver.ts';
import { checkView } from '../../simulator/slack/check-blocks.ts';
import { fakeDesk, no, toReview, wrong } from './fake-desk.ts';
import { inputsOf, textOf } from './reading.ts';
import { interaction, NOW, SECRET, signed, stubWebApi } from './requests.ts';
import * as story from './stories.ts';

function slackWith(change: Partial<Desk> = {}, answers: Readonly<Record<string, unknown>> = {}) {
  const { desk, asked } = fakeDesk(change);
  const { calls, fetch } = stubWebApi(answers);
  const app = createSlackApp({
    signingSecret: SECRET,
    botToken: async () => 'xoxb-test',
    botId: 'B1',
    botUserId: 'UBOT',
    apiUrl: 'https://slack.test/api/',
    desk,
    fetch,
    now: () => NOW,
  });
  const send = async (request: SlackRequest) => {
    const response = await app.handler(request);
    return { ...response, json: response.body.startsWith('{') ? JSON.parse(response.body) : undefined };
  };
  return { send, asked, calls };
}

const clicker = { userId: 'UREQ', teamId: 'T1' };
const ids = (planId = '') => JSON.stringify({ incidentId: 'inc-1', planId });
const who = { user: { id: 'UREQ', team_id: 'T1' }, team: { id: 'T1', domain: 'd' }, api_app_id: 'A1', token: 't' };
const click = (action_id: string, value: string, more: Readonly<Record<string, unknown>> = {}) =>
  interaction({
    ...who,
    type: 'block_actions',
    trigger_id: 'trigger-1',
    channel: { id: 'C1', name: 'ops' },
    container: { type: 'message', channel_id: 'C1', message_ts: '1.1' },
    actions: [{ type: 'button', action_id, block_id: 'b1', value, action_ts: '1.2' }],
    ...more,
  });
const choose = (value: string, block_id = 'actions:inc-1') =>
  click('more', '', { actions: [{ type: 'overflow', action_id: 'more', block_id, selected_option: { value } }] });
const submission = (callback_id: string, metadata: unknown, typed: Readonly<Record<string, string | null>>) =>
  interaction({
    ...who,
    type: 'view_submission',
    view: {
      id: 'V1',
      callback_id,
      private_metadata: JSON.stringify(metadata),
      state: {
        values: Object.fromEntries(
          Object.entries(typed).map(([block, value]) => [block, { typed: { type: 'plain_text_input', value } }]),
        ),
      },
    },
  });
const metadata = (may: string) => ({ incidentId: 'inc-1', planId: 'plan-1', may });
const typed = { node_name: ' cp-2 ', reason: 'node is down', console_fingerprint: 'abcdefgh' };
const sent = { nodeName: 'cp-2', reason: 'node is down', consoleFingerprint: 'abcdefgh' };
const viewOf = (call: { readonly args: Readonly<Record<string, string>> } | undefined) =>
  JSON.parse(call?.args['view'] ?? '{}');

test('a click on an offer asks for one plan and opens a window that the plan job can find', async () => {
  const { send, asked, calls } = slackWith();
  expect(await send(click('offer:restore_config', ids()))).toMatchObject({ statusCode: 200, body: '' });
  expect(asked[0]).toEqual(['requestPlan', 'inc-1', 'restore_config', clicker]);
  expect(calls.map(({ method }) => method)).toEqual(['views.open']);
  expect(calls[0]?.args['trigger_id']).toBe('trigger-1');
  const view = viewOf(calls[0]);
  expect(view.external_id).toBe('ext-1');
  expect(textOf(view.blocks)).toContain('*Restore config* on *cp-2* in demo');
  expect(checkView(view)).toEqual([]);
});

test.for([
  { what: 'frozen', now: story.ready, shows: 'plan', asks: ['requestPlan', 'look', 'review'] },
  { what: 'refused', now: story.refused, shows: 'plan_refusal', asks: ['requestPlan', 'look'] },
])('a plan that is $what before its window opened is shown in it', async ({ now, shows, asks }) => {
  const names: string[] = [];
  const { send, asked, calls } = slackWith({
    look: async () => {
      names.push('look');
      return story.stateAfter(...now);
    },
  });
  await send(click('offer:restore_config', ids()));
  expect([...asked.map(([name]) => name), ...names].toSorted()).toEqual(asks.toSorted());
  expect(calls.map(({ method }) => method)).toEqual(['views.open', 'views.update']);
  expect(viewOf(calls[1]).callback_id).toBe(shows);
});

test('the window names the action even when the state was read before the plan was stored', async () => {
  const { send, calls } = slackWith({
    requestPlan: async () => ({
      ok: true,
      value: { planId: 'plan-1', externalId: 'ext-1', state: story.stateAfter(...story.diagnosed) },
    }),
  });
  await send(click('offer:reboot', ids()));
  expect(textOf(viewOf(calls[0]).blocks)).toContain('*Reboot* on *cp-2*');
});

test('a stranger who clicks an offer is told why and who can, and nobody else sees it', async () => {
  const { send, calls } = slackWith({
    requestPlan: async () => no('You have no admin role in demo. Who can: <@UAPP>.'),
  });
  await send(click('offer:restore_config', ids()));
  expect(calls.map(({ method }) => method)).toEqual(['chat.postEphemeral']);
  expect(calls[0]?.args).toMatchObject({
    channel: 'C1',
    user: 'UREQ',
    text: 'You have no admin role in demo. Who can: <@UAPP>.',
  });
});

test('a refusal that quotes hostile text pings nobody', async () => {
  const { send, calls } = slackWith({ requestPlan: async () => no('denied by <!channel> and <!subteam^S1>') });
  await send(click('offer:restore_config', ids()));
  expect(calls[0]?.args['text']).toBe('denied by &lt;!channel&gt; and &lt;!subteam^S1&gt;');
});

test.for([
  { slackCode: 'expired_trigger_id', says: 'Slack did not open the window (expired_trigger_id)' },
  { slackCode: 'duplicate_external_id', says: 'This plan is being prepared already.' },
])('when the window does not open ($slackCode) the person still gets an answer', async ({ slackCode, says }) => {
  const { send, calls, asked } = slackWith({}, { 'views.open': { ok: false, error: slackCode } });
  expect(await send(click('offer:reboot', ids()))).toMatchObject({ statusCode: 200 });
  expect(asked).toHaveLength(1);
  expect(calls.map(({ method }) => method)).toEqual(['views.open', 'chat.postEphemeral']);
  expect(calls[1]?.args['text']).toContain(says);
});

test.for([
  { what: 'an action that this version does not know', request: click('offer:wipe_disk', ids()) },
  { what: 'a value that is no JSON', request: click('offer:reboot', 'reboot it') },
  { what: 'a value without an incident', request: click('review', '{}') },
  { what: 'a menu entry that this version does not know', request: choose('explode') },
  { what: 'a menu of no incident', request: choose('close', 'b1') },
])('$what: the card is out of date, and nothing is asked', async ({ request }) => {
  const { send, asked, calls } = slackWith();
  expect(await send(request)).toMatchObject({ statusCode: 200 });
  expect(asked).toEqual([]);
  expect(calls.map(({ method }) => method)).toEqual(['chat.postEphemeral']);
  expect(calls[0]?.args['text']).toContain('This card is out of date.');
});

test('a click that cannot be stored is answered with that', async () => {
  const { send, calls } = slackWith({
    requestPlan: async () => {
      throw new Error('throttled');
    },
  });
  expect(await send(click('offer:reboot', ids()))).toMatchObject({ statusCode: 200 });
  expect(calls[0]?.args['text']).toContain('could not store this click, so nothing was changed');
});

test('review opens the frozen plan, or says why not', async () => {
  const { send, asked, calls } = slackWith();
  await send(click('review', ids('plan-1')));
  expect(asked).toEqual([['review', 'inc-1', 'plan-1', clicker]]);
  expect(JSON.parse(viewOf(calls[0]).private_metadata)).toEqual(metadata('approve'));
  const refused = slackWith({ review: async () => no('The plan has expired.') });
  await refused.send(click('review', ids('plan-1')));
  expect(refused.calls.map(({ method, args }) => [method, args['text']])).toEqual([
    ['chat.postEphemeral', 'The plan has expired.'],
  ]);
});

test.for(['submit', 'approve'] as const)('%s: what was typed reaches Medic, and the window closes', async (may) => {
  const { send, asked } = slackWith();
  const { json } = await send(submission('plan', metadata(may), typed));
  expect(asked).toEqual([[may, 'inc-1', 'plan-1', clicker, sent]]);
  expect(json).toEqual({ response_action: 'clear' });
});

test('a wrong node name is said at its field, and the window stays', async () => {
  const { send } = slackWith({ submit: async () => wrong('nodeName', 'Type cp-2 to confirm.') });
  const { json } = await send(submission('plan', metadata('submit'), typed));
  expect(json).toEqual({ response_action: 'errors', errors: { node_name: 'Type cp-2 to confirm.' } });
});

test('a complaint about a field that the window does not have becomes its text', async () => {
  const { send } = slackWith({ approve: async () => wrong('consoleFingerprint', 'Type the fingerprint.') });
  const { json } = await send(submission('plan', metadata('approve'), { reason: null }));
  expect(json.response_action).toBe('update');
  expect(textOf(json.view.blocks)).toContain('Type the fingerprint.');
});

test('a refused approval is said in the window', async () => {
  const { send } = slackWith({ approve: async () => no('You asked for it yourself. Who can: <@UAPP>.') });
  const { json } = await send(submission('plan', metadata('approve'), typed));
  expect(textOf(json.view.blocks)).toContain('You asked for it yourself. Who can: <@UAPP>.');
  expect(checkView(json.view)).toEqual([]);
});

test.for([
  { what: 'a plan that was only to be read', request: submission('plan', metadata('read'), typed) },
  { what: 'a window of an older version', request: submission('old_plan', metadata('approve'), typed) },
  { what: 'a window that forgot its plan', request: submission('plan', { planId: 'plan-1' }, typed) },
])('$what changes nothing and says so', async ({ request }) => {
  const { send, asked } = slackWith();
  const { json } = await send(request);
  expect(asked).toEqual([]);
  expect(textOf(json.view.blocks)).toContain('out of date');
});

test('a decision that cannot be stored is answered in the window', async () => {
  const { send } = slackWith({
    approve: async () => {
      throw new Error('throttled');
    },
  });
  const { json } = await send(submission('plan', metadata('approve'), typed));
  expect(textOf(json.view.blocks)).toContain('could not store this click');
});

test('deny asks for a reason in the same window, then denies with it', async () => {
  const { send, asked, calls } = slackWith();
  await send(click('deny', ids('plan-1'), { channel: undefined, container: { type: 'view' }, view: { id: 'V1' } }));
  expect(calls.map(({ method, args }) => [method, args['view_id']])).toEqual([['views.update', 'V1']]);
  const view = viewOf(calls[0]);
  expect(inputsOf(view.blocks)).toEqual(['reason']);
  const { json } = await send(
    submission(view.callback_id, JSON.parse(view.private_metadata), { reason: 'wrong node' }),
  );
  expect(asked.at(-1)).toEqual(['deny', 'inc-1', 'plan-1', clicker, 'wrong node']);
  expect(json).toEqual({ response_action: 'clear' });
});

test.for([
  { from: 'the button', request: click('renew', ids('plan-1')) },
  { from: 'the menu', request: choose('renew:plan-1') },
])('renew from $from opens a window that the plan job can find, or says why not', async ({ request }) => {
  const { send, asked, calls } = slackWith();
  await send(request);
  expect(asked[0]).toEqual(['renew', 'inc-1', 'plan-1', clicker]);
  expect(calls.map(({ method }) => method)).toEqual(['views.open']);
  expect(viewOf(calls[0]).external_id).toBe('ext-2');
  expect(textOf(viewOf(calls[0]).blocks)).toContain('*Restore config* on *cp-2* in demo');
  const refused = slackWith({ renew: async () => no('The plan that this renews is denied; ask for a new one.') });
  await refused.send(request);
  expect(refused.calls.map(({ method, args }) => [method, args['text']])).toEqual([
    ['chat.postEphemeral', 'The plan that this renews is denied; ask for a new one.'],
  ]);
});

test('cancel start asks Medic and stays quiet, unless refused', async () => {
  const { send, asked, calls } = slackWith();
  await send(click('cancel_start', ids('plan-1')));
  expect(asked).toEqual([['cancelStart', 'inc-1', 'plan-1', clicker]]);
  expect(calls).toEqual([]);
  const refused = slackWith({ cancelStart: async () => no('This plan is executing.') });
  await refused.send(click('cancel_start', ids('plan-1')));
  expect(refused.calls.map(({ method, args }) => [method, args['text']])).toEqual([
    ['chat.postEphemeral', 'This plan is executing.'],
  ]);
});

test('diagnose again asks Medic and stays quiet, unless refused', async () => {
  const { send, asked, calls } = slackWith();
  await send(choose('diagnose_again'));
  expect(asked).toEqual([['diagnoseAgain', 'inc-1', clicker]]);
  expect(calls).toEqual([]);
  const refused = slackWith({ diagnoseAgain: async () => no('A diagnosis is running.') });
  await refused.send(choose('diagnose_again'));
  expect(refused.calls[0]?.args['text']).toBe('A diagnosis is running.');
});

test('show evidence opens what was read; an incident that is gone is said', async () => {
  const { send, calls } = slackWith();
  await send(choose('show_evidence'));
  expect(textOf(viewOf(calls[0]).blocks)).toContain('machine.MachineService/Version');
  const gone = slackWith({ look: async () => undefined });
  await gone.send(choose('show_evidence'));
  expect(gone.calls[0]?.args['text']).toContain('does not know this incident');
});

test('close asks for a reason, then closes with it', async () => {
  const { send, asked, calls } = slackWith();
  await send(choose('close'));
  const view = viewOf(calls[0]);
  expect(checkView(view)).toEqual([]);
  await send(submission(view.callback_id, JSON.parse(view.private_metadata), { reason: 'planned work' }));
  expect(asked.at(-1)).toEqual(['close', 'inc-1', clicker, 'planned work']);
});

test('the click of a person from another workspace carries that workspace', async () => {
  const { send, asked } = slackWith();
  await send(click('review', ids('plan-1'), { user: { id: 'UX', team_id: 'T9' } }));
  expect(asked[0]?.at(-1)).toEqual({ userId: 'UX', teamId: 'T9' });
});

test('an unsigned click reaches nothing', async () => {
  const { send, asked, calls } = slackWith();
  const request = click('offer:reboot', ids());
  expect(await send({ ...request, headers: { 'content-type': 'application/x-www-form-urlencoded' } })).toMatchObject({
    statusCode: 401,
  });
  expect([asked, calls]).toEqual([[], []]);
});

const command = (text: string) =>
  signed(new URLSearchParams({ command: '/medic', text, user_id: 'U1', team_id: 'T1', channel_id: 'C1' }).toString());

test('/medic help says what there is', async () => {
  const { send, asked } = slackWith();
  expect((await send(command('help'))).body).toContain('one card per incident');
  expect((await send(command('<!channel>'))).body).toContain('&lt;!channel&gt;');
  expect(asked).toEqual([]);
});

test('/medic freeze is decided with the cluster and the whole reason, and everybody in the channel is told', async () => {
  const { send, asked } = slackWith();
  const answer = await send(command('freeze  prod moving the  racks'));
  expect(asked).toEqual([['command', 'freeze', 'prod', { userId: 'U1', teamId: 'T1' }, 'moving the racks']]);
  const said = JSON.parse(answer.body);
  expect(said).toMatchObject({ response_type: 'in_channel', text: expect.stringContaining('Anna froze prod') });
  expect(said.text).not.toContain('<!channel>');
});

test.for(['freeze', 'freeze prod', 'unfreeze prod', 'takeover'])(
  '/medic %s lacks a reason and changes nothing',
  async (text) => {
    const { send, asked } = slackWith();
    expect((await send(command(text))).body).toContain(`/medic ${text.split(' ')[0]} &lt;cluster&gt; &lt;reason&gt;`);
    expect(asked).toEqual([]);
  },
);

test('a refused command is told to the person alone', async () => {
  const { send } = slackWith({ command: async () => no('You have no operator role. Who can: <@U2>.') });
  const answer = await send(command('unfreeze prod all is well'));
  expect(answer.body).toContain('Who can: <@U2>.');
  expect(answer.body).not.toContain('in_channel');
});

test('a command that could not be stored is not said to have worked', async () => {
  const { send } = slackWith({
    command: async () => {
      throw new Error('the table is out of reach');
    },
  });
  expect(await send(command('freeze prod no'))).toMatchObject({ statusCode: 200 });
  expect((await send(command('freeze prod no'))).body).toContain('could not store');
});

test('a window that is closed is acknowledged', async () => {
  const { send, asked } = slackWith();
  const closed = interaction({
    ...who,
    type: 'view_closed',
    view: { id: 'V1', callback_id: 'plan' },
    is_cleared: false,
  });
  expect(await send(closed)).toMatchObject({ statusCode: 200 });
  expect(asked).toEqual([]);
});

test('a submitted plan is confirmed as its requester, not as an approver', async () => {
  const { send, calls, asked } = slackWith({ review: async () => ({ ok: true, value: toReview('submit') }) });
  await send(click('review', ids('plan-1')));
  const view = viewOf(calls[0]);
  await send(submission(view.callback_id, JSON.parse(view.private_metadata), typed));
  expect(asked.map(([name]) => name)).toEqual(['submit']);
});
