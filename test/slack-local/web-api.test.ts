import { WebClient } from '@slack/web-api';
import { expect, test } from 'vitest';
import { BOT_TOKEN, card, Messages, section, startSlack } from './slack-and-app.ts';

const CHANNEL = 'C0TALOS';
const metadata = { event_type: 'medic_card', event_payload: { incidentId: 'i-1' } };

test('answers who is not allowed in, and nothing else to them', async () => {
  const slack = await startSlack();
  const noToken = await slack.send('auth.test', {}, { headers: {} });
  expect(await noToken.json()).toEqual({ ok: false, error: 'not_authed' });
  const wrong = await slack.send('auth.test', {}, { headers: { authorization: 'Bearer xoxb-other' } });
  expect(await wrong.json()).toEqual({ ok: false, error: 'invalid_auth' });
  expect(await slack.api('auth.test', {})).toMatchObject({
    ok: true,
    user_id: 'U0MEDIC',
    bot_id: 'B0MEDIC',
    team_id: 'T0LOCAL',
  });
  expect(await slack.api('chat.shout', {})).toMatchObject({ ok: false, error: 'unknown_method' });
});

test("a card is posted, found by its metadata, edited and deleted with Slack's own client", async () => {
  const slack = await startSlack();
  const client = new WebClient(BOT_TOKEN, { slackApiUrl: `${slack.root}/api/`, retryConfig: { retries: 0 } });
  const blocks = [{ type: 'section' as const, text: { type: 'mrkdwn' as const, text: 'Node is down' } }];
  const posted = await client.chat.postMessage({ channel: CHANNEL, text: 'Node is down', blocks, metadata });
  const ts = posted.ts ?? '';
  await client.chat.postMessage({ channel: CHANNEL, text: 'in the thread', thread_ts: ts });

  const hidden = await client.conversations.history({ channel: CHANNEL });
  expect(hidden.messages?.map((one) => one.metadata)).toEqual([undefined]);
  const found = await client.conversations.history({ channel: CHANNEL, include_all_metadata: true, oldest: '0' });
  expect(found.messages).toMatchObject([{ ts, reply_count: 1, metadata }]);
  const thread = await client.conversations.replies({ channel: CHANNEL, ts });
  expect(thread.messages?.map(({ text }) => text)).toEqual(['Node is down', 'in the thread']);

  await client.chat.update({ channel: CHANNEL, ts, text: 'Node is back' });
  const [edited] = await slack.messages();
  expect(edited).toMatchObject({ text: 'Node is back', metadata });
  expect(edited?.blocks).toBeUndefined();

  await client.chat.delete({ channel: CHANNEL, ts });
  await expect(client.chat.update({ channel: CHANNEL, ts, text: 'x' })).rejects.toMatchObject({
    data: { error: 'message_not_found' },
  });
});

test.for([
  ['chat.postMessage', { channel: 'C0OTHER', text: 'x' }, 'channel_not_found'],
  ['chat.postMessage', { channel: CHANNEL }, 'no_text'],
  ['chat.postMessage', { channel: CHANNEL, blocks: '[not json' }, 'invalid_blocks_format'],
  ['chat.postMessage', { channel: CHANNEL, text: 'x', blocks: [{ type: 'heading' }] }, 'invalid_blocks'],
  [
    'chat.postMessage',
    { channel: CHANNEL, text: 'x', blocks: Array(5).fill(section('x'.repeat(2990))) },
    'msg_blocks_too_long',
  ],
  ['chat.postMessage', { channel: CHANNEL, text: 'x', thread_ts: '1.000001' }, 'thread_not_found'],
  ['chat.postMessage', { text: 'x' }, 'invalid_arguments'],
  ['chat.update', { channel: CHANNEL, ts: '1.000001', text: 'x' }, 'message_not_found'],
  ['chat.postEphemeral', { channel: CHANNEL, user: 'U0NOBODY', text: 'x' }, 'user_not_in_channel'],
  ['users.info', { user: 'U0NOBODY' }, 'user_not_found'],
  ['usergroups.users.list', { usergroup: 'S0NONE' }, 'no_such_subteam'],
  ['views.open', { trigger_id: 'made.up', view: {} }, 'invalid_trigger_id'],
] as const)('%s %j is %s', async ([method, args, error]) => {
  const slack = await startSlack();
  expect(await slack.api(method, args)).toMatchObject({ ok: false, error });
  expect(await slack.messages()).toEqual([]);
});

test('an edit with too long a text is refused and leaves the card as it was', async () => {
  const slack = await startSlack();
  const { ts } = await slack.api('chat.postMessage', { channel: CHANNEL, text: 'before', blocks: card() });
  const edit = { channel: CHANNEL, ts, text: 'x'.repeat(4001), blocks: card() };
  expect(await slack.api('chat.update', edit)).toMatchObject({ ok: false, error: 'msg_too_long' });
  expect(await slack.messages()).toMatchObject([{ text: 'before' }]);
});

test('tells guests, deactivated people and bots apart', async () => {
  const slack = await startSlack();
  const user = async (id: string) => (await slack.api('users.info', { user: id }))['user'];
  expect(await user('U0ONCALL')).toMatchObject({
    deleted: false,
    is_bot: false,
    is_restricted: false,
    team_id: 'T0LOCAL',
  });
  expect(await user('U0GUEST')).toMatchObject({ is_restricted: true, is_ultra_restricted: false });
  expect(await user('U0GONE')).toMatchObject({ deleted: true });
  expect(await user('U0MEDIC')).toMatchObject({ is_bot: true });
});

test('pages through a long channel, newest first', async () => {
  const slack = await startSlack();
  for (const text of ['one', 'two', 'three']) await slack.api('chat.postMessage', { channel: CHANNEL, text });
  const first = await slack.api('conversations.history', { channel: CHANNEL, limit: '2' });
  expect(first).toMatchObject({ has_more: true, messages: [{ text: 'three' }, { text: 'two' }] });
  const client = new WebClient(BOT_TOKEN, { slackApiUrl: `${slack.root}/api/` });
  const texts: string[] = [];
  for await (const page of client.paginate('conversations.history', { channel: CHANNEL, limit: 2 })) {
    texts.push(...Messages.parse(page).messages.map(({ text }) => text));
  }
  expect(texts).toEqual(['three', 'two', 'one']);
});
