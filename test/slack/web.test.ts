import { expect, test } from 'vitest';
import { createSlackPort } from '../../lib/slack/web.ts';
import { stubWebApi } from './requests.ts';

const card = { text: 'cp-2 in demo: diagnosing.', blocks: [] };
const metadata = { incidentId: 'inc-1' };
const portWith = (answers: Readonly<Record<string, unknown>>) => {
  const { calls, fetch } = stubWebApi(answers);
  return { calls, slack: createSlackPort({ token: 'xoxb-test', apiUrl: 'https://slack.test/api/', fetch }) };
};

test('a card is posted with its text, its blocks and ids for finding it again', async () => {
  const { calls, slack } = portWith({ 'chat.postMessage': { ok: true, ts: '12.3', channel: 'C1' } });
  expect(await slack.postCard('C1', card, metadata)).toEqual({ ok: true, value: { ts: '12.3' } });
  expect(JSON.parse(calls[0]?.args['metadata'] ?? '')).toEqual({
    event_type: 'medic_card',
    event_payload: { incidentId: 'inc-1' },
  });
  expect(calls[0]?.args).toMatchObject({ channel: 'C1', text: card.text, blocks: '[]' });
});

test.for([
  {
    what: 'Slack refuses',
    answer: { ok: false, error: 'channel_not_found' },
    code: 'refused',
    slackCode: 'channel_not_found',
  },
  {
    what: 'Slack broke inside',
    answer: { ok: false, error: 'internal_error' },
    code: 'unknown',
    slackCode: 'internal_error',
  },
  { what: 'a 500', answer: new Response('', { status: 500 }), code: 'unknown', slackCode: 'http_500' },
  { what: 'a 404', answer: new Response('', { status: 404 }), code: 'refused', slackCode: 'http_404' },
  { what: 'a page of a proxy', answer: new Response('<html>', { status: 200 }), code: 'unknown', slackCode: '' },
  { what: 'an answer without ts', answer: { ok: true }, code: 'unknown', slackCode: 'malformed_reply' },
  {
    what: 'a lost connection',
    answer: new TypeError('fetch failed', { cause: coded('ECONNRESET') }),
    code: 'unknown',
    slackCode: 'no_answer',
  },
  {
    what: 'nobody there',
    answer: new TypeError('fetch failed', { cause: coded('ECONNREFUSED') }),
    code: 'unavailable',
    slackCode: 'econnrefused',
  },
  { what: 'a timeout', answer: new DOMException('timed out', 'TimeoutError'), code: 'unknown', slackCode: 'no_answer' },
])('$what: $code, after one request', async ({ answer, code, slackCode }) => {
  const { calls, slack } = portWith({ 'chat.postMessage': answer });
  expect(await slack.postCard('C1', card, metadata)).toMatchObject({ ok: false, error: { code, slackCode } });
  expect(calls).toHaveLength(1);
});

test('too many requests: says how long to wait, and asks once', async () => {
  const answer = new Response('', { status: 429, headers: { 'retry-after': '7' } });
  const { calls, slack } = portWith({ 'chat.update': answer });
  expect(await slack.updateCard('C1', '1.1', card, metadata)).toMatchObject({
    ok: false,
    error: { code: 'rate_limited', retryAfterS: 7 },
  });
  expect(calls).toHaveLength(1);
});

test('too many requests without a time to wait is still that', async () => {
  const { slack } = portWith({ 'chat.update': new Response('', { status: 429 }) });
  expect(await slack.updateCard('C1', '1.1', card, metadata)).toMatchObject({ error: { code: 'rate_limited' } });
});

test('a milestone mentions the people it is for', async () => {
  const answers = { 'conversations.replies': { ok: true, messages: [] }, 'chat.postMessage': { ok: true, ts: '2.0' } };
  const { calls, slack } = portWith(answers);
  await slack.postThread('C1', '1.0', 'Reboot waits.', { incidentId: 'inc-1', seq: 7 }, ['UAPP', 'UOTHER']);
  expect(calls.at(-1)?.args).toMatchObject({
    channel: 'C1',
    thread_ts: '1.0',
    text: '<@UAPP> <@UOTHER> Reboot waits.',
  });
});

test('a card is found by its incident, not by a look-alike of another app', async () => {
  const messages = [
    { ts: '4.0', metadata: { event_type: 'other_app', event_payload: { incidentId: 'inc-1' } } },
    { ts: '3.0', metadata: { event_type: 'medic_card', event_payload: { incidentId: 'inc-2' } } },
    { ts: '2.0' },
    { ts: '1.0', metadata: { event_type: 'medic_card', event_payload: { incidentId: 'inc-1' } } },
  ];
  const { calls, slack } = portWith({ 'conversations.history': { ok: true, messages } });
  expect(await slack.findCard('C1', metadata, 1_700_000_000)).toEqual({ ok: true, value: '1.0' });
  expect(calls[0]?.args).toMatchObject({ channel: 'C1', oldest: '1700000000', include_all_metadata: 'true' });
});

test('a card that is not there is not found, and looking failed is not the same', async () => {
  const none = portWith({ 'conversations.history': { ok: true, messages: [] } });
  expect(await none.slack.findCard('C1', metadata, 0)).toEqual({ ok: true, value: undefined });
  const failed = portWith({ 'conversations.history': { ok: false, error: 'missing_scope' } });
  expect(await failed.slack.findCard('C1', metadata, 0)).toMatchObject({
    ok: false,
    error: { slackCode: 'missing_scope' },
  });
});

test('a person is described as Slack knows them now', async () => {
  const user = {
    id: 'U1',
    team_id: 'T1',
    name: 'login',
    deleted: true,
    is_ultra_restricted: true,
    profile: { display_name: 'Shown' },
  };
  const { slack } = portWith({ 'users.info': { ok: true, user } });
  expect(await slack.user('U1')).toEqual({
    ok: true,
    value: { id: 'U1', name: 'Shown', teamId: 'T1', isBot: false, isGuest: true, isDeactivated: true },
  });
});

test('a view is updated by the id that we gave it', async () => {
  const { calls, slack } = portWith({});
  const view = { type: 'modal' as const, title: { type: 'plain_text' as const, text: 't' }, blocks: [] };
  expect(await slack.updateView('ext-1', view)).toEqual({ ok: true, value: undefined });
  expect(calls.map(({ method, args }) => [method, args['external_id']])).toEqual([['views.update', 'ext-1']]);
});

const milestone = { incidentId: 'inc-1', seq: 7 };
const repliesWith = (seq: number) => ({
  ok: true,
  messages: [{ ts: '2.0', metadata: { event_type: 'medic_milestone', event_payload: { incidentId: 'inc-1', seq } } }],
});

test('a milestone goes to its thread, and can neither ping nor link', async () => {
  const { calls, slack } = portWith({ 'conversations.replies': repliesWith(6) });
  const told = await slack.postThread('C1', '1.1', 'Reboot: *failed*. <!here>', milestone);
  expect(told).toEqual({ ok: true, value: { ts: '1.1' } });
  expect(calls.map(({ method }) => method)).toEqual(['conversations.replies', 'chat.postMessage']);
  expect(calls[1]?.args).toMatchObject({ thread_ts: '1.1', text: 'Reboot: *failed*. &lt;!here&gt;' });
});

test('a milestone that is in the thread already is not told twice', async () => {
  const { calls, slack } = portWith({ 'conversations.replies': repliesWith(7) });
  expect(await slack.postThread('C1', '1.1', 'again', milestone)).toEqual({ ok: true, value: { ts: '2.0' } });
  expect(calls.map(({ method }) => method)).toEqual(['conversations.replies']);
});

test('when the thread cannot be read, nothing is posted into it', async () => {
  const { calls, slack } = portWith({ 'conversations.replies': { ok: false, error: 'internal_error' } });
  expect(await slack.postThread('C1', '1.1', 'again', milestone)).toMatchObject({
    ok: false,
    error: { code: 'unknown' },
  });
  expect(calls.map(({ method }) => method)).toEqual(['conversations.replies']);
});

test('a card on a later page of the history is found', async () => {
  const first = { ok: true, messages: [{ ts: '9.0' }], response_metadata: { next_cursor: 'c2' } };
  const last = { ok: true, messages: [{ ts: '1.0', metadata: { event_type: 'medic_card', event_payload: metadata } }] };
  const { calls, slack } = portWith({
    'conversations.history': ({ cursor }: { readonly cursor?: string }) => (cursor === 'c2' ? last : first),
  });
  expect(await slack.findCard('C1', metadata, 0)).toEqual({ ok: true, value: '1.0' });
  expect(calls).toHaveLength(2);
});

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}
