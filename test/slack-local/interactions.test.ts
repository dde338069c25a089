import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { card, modal, Outcome, SIGNING_SECRET, startApp, startSlack } from './slack-and-app.ts';

const CHANNEL = 'C0TALOS';
async function cardAndApp(answer?: Parameters<typeof startApp>[0], now?: () => number) {
  const app = await startApp(answer);
  const slack = await startSlack({ eventsUrl: app.eventsUrl, ...(now && { now }) });
  const { ts = '' } = await slack.api('chat.postMessage', { channel: CHANNEL, text: 'Node is down', blocks: card() });
  const click = async (user = 'U0ONCALL', rest: Record<string, unknown> = {}) =>
    Outcome.parse(await slack.control('click', { user, channel: CHANNEL, ts, action_id: 'plan', ...rest }));
  const open = async (view: unknown, user?: string) => {
    await click(user);
    return slack.api('views.open', { trigger_id: app.lastPayload().trigger_id, view });
  };
  return { app, slack, ts, click, open };
}

test('a click arrives signed as Slack signs, over the bytes that were sent', async () => {
  const { app, click, ts } = await cardAndApp();
  expect(await click('U0SECOND')).toMatchObject({ status: 'acked' });
  const [request] = app.received;
  const at = String(request?.headers['x-slack-request-timestamp']);
  const mac = createHmac('sha256', SIGNING_SECRET)
    .update(`v0:${at}:`)
    .update(request?.raw ?? '')
    .digest('hex');
  expect(request?.headers['x-slack-signature']).toBe(`v0=${mac}`);
  expect(Math.abs(Number(at) - Date.now() / 1000)).toBeLessThan(300);
  expect(app.lastPayload()).toMatchObject({
    type: 'block_actions',
    user: { id: 'U0SECOND', team_id: 'T0LOCAL' },
    team: { id: 'T0LOCAL' },
    channel: { id: CHANNEL, name: 'talos-oncall' },
    container: { type: 'message', message_ts: ts, channel_id: CHANNEL, is_ephemeral: false },
    message: { ts, text: 'Node is down' },
    actions: [{ type: 'button', action_id: 'plan', value: 'p1' }],
    state: { values: {} },
  });
});

test('a trigger opens one modal, within three seconds', async () => {
  let nowMs = Date.now();
  const { app, slack, click } = await cardAndApp(undefined, () => nowMs);
  await click();
  const first = { trigger_id: app.lastPayload().trigger_id, view: modal('plan-1') };
  expect(await slack.api('views.open', first)).toMatchObject({
    ok: true,
    view: { external_id: 'plan-1', private_metadata: 'kept' },
  });
  expect(await slack.api('views.open', first)).toMatchObject({ error: 'exchanged_trigger_id' });
  await click();
  nowMs += 3001;
  const late = { trigger_id: app.lastPayload().trigger_id, view: modal('plan-2') };
  expect(await slack.api('views.open', late)).toMatchObject({ error: 'expired_trigger_id' });
});

test('a view is updated by its external id, and a stale hash is a conflict that changes nothing', async () => {
  const { slack, open } = await cardAndApp();
  await open(modal('plan-1'));
  const [before] = (await slack.views('U0ONCALL')).views;
  const updated = await slack.api('views.update', {
    external_id: 'plan-1',
    hash: before?.hash,
    view: modal('plan-1', 'The plan'),
  });
  expect(updated).toMatchObject({ ok: true, view: { id: before?.id, title: { text: 'The plan' } } });
  const stale = { external_id: 'plan-1', hash: before?.hash, view: modal('plan-1', 'Too late') };
  expect(await slack.api('views.update', stale)).toMatchObject({ ok: false, error: 'hash_conflict' });
  expect((await slack.views('U0ONCALL')).views).toMatchObject([{ title: { text: 'The plan' } }]);
  expect(await slack.api('views.update', { external_id: 'plan-9', view: modal('plan-9') })).toMatchObject({
    error: 'not_found',
  });
});

test('an external id is taken as long as anybody has that view open', async () => {
  const { slack, open } = await cardAndApp();
  await open(modal('plan-1'));
  expect(await open(modal('plan-1'), 'U0SECOND')).toMatchObject({ ok: false, error: 'duplicate_external_id' });
  await slack.control('close', { user: 'U0ONCALL', external_id: 'plan-1' });
  expect(await open(modal('plan-1'), 'U0SECOND')).toMatchObject({ ok: true });
});

test('closing tells the app, and a closed view can no longer be updated', async () => {
  const { app, slack, open } = await cardAndApp();
  await open(modal('plan-1'));
  expect(await slack.control('close', { user: 'U0SECOND', external_id: 'plan-1' })).toMatchObject({
    status: 'invalid',
  });
  await slack.control('close', { user: 'U0ONCALL', external_id: 'plan-1' });
  expect(app.lastPayload()).toMatchObject({ type: 'view_closed', view: { external_id: 'plan-1' }, is_cleared: false });
  expect(await slack.api('views.update', { external_id: 'plan-1', view: modal('plan-1') })).toMatchObject({
    error: 'not_found',
  });
});

test('a form stays open with the errors that the app names, and closes when it is accepted', async () => {
  const { app, slack, open } = await cardAndApp((fields) => {
    const payload = fields.get('payload') ?? '';
    if (!payload.includes('view_submission')) return {};
    return payload.includes('"worker-1"')
      ? {}
      : { body: { response_action: 'errors', errors: { name: 'Type worker-1.' } } };
  });
  await open(modal('plan-1'));
  const submit = async (values: unknown) =>
    Outcome.parse(await slack.control('submit', { user: 'U0ONCALL', external_id: 'plan-1', values }));
  const clicks = app.received.length;
  expect((await submit({})).errors).toEqual({ name: 'Please complete this required field.' });
  expect(app.received.length).toBe(clicks);
  expect((await submit({ name: 'worker-2' })).errors).toEqual({ name: 'Type worker-1.' });
  expect((await slack.views('U0ONCALL')).views).toHaveLength(1);
  expect(await submit({ name: { typed: 'worker-1' } })).toMatchObject({ status: 'acked' });
  expect(app.lastPayload()).toMatchObject({
    type: 'view_submission',
    view: {
      callback_id: 'confirm',
      private_metadata: 'kept',
      state: { values: { name: { typed: { type: 'plain_text_input', value: 'worker-1' } } } },
    },
    response_urls: [],
  });
  expect((await slack.views('U0ONCALL')).views).toEqual([]);
});

test.for(['update', 'push'] as const)('the app may %s the view in its answer', async (how) => {
  const { slack, open } = await cardAndApp((fields) => {
    const isSubmit = fields.get('payload')?.includes('view_submission');
    return isSubmit ? { body: { response_action: how, view: modal('next', 'Next') } } : {};
  });
  await open(modal('plan-1'));
  await slack.control('submit', { user: 'U0ONCALL', external_id: 'plan-1', values: { name: 'x' } });
  const shown = (await slack.views('U0ONCALL')).views.map((view) => view.external_id);
  expect(shown).toEqual(how === 'push' ? ['plan-1', 'next'] : ['next']);
});

test('an app that refuses or stays silent is named to the person who clicked, and to nobody else', async () => {
  const { slack, click } = await cardAndApp((fields) =>
    fields.get('payload')?.includes('U0LEAD') ? undefined : { status: 500 },
  );
  expect(await click('U0ONCALL')).toEqual({ status: 'refused', httpStatus: 500 });
  expect(await click('U0LEAD')).toEqual({ status: 'timeout' });
  expect((await slack.views('U0ONCALL')).notices).toMatchObject([{ text: 'This app responded with status code 500.' }]);
  expect((await slack.views('U0LEAD')).notices).toMatchObject([
    { text: 'This app did not respond in time. Try again.' },
  ]);
  expect((await slack.views('U0SECOND')).notices).toEqual([]);
});

test('a click on a button that is gone is sent only as what a stale screen would send', async () => {
  const { app, click } = await cardAndApp();
  expect(await click('U0ONCALL', { action_id: 'gone' })).toMatchObject({
    status: 'invalid',
    error: 'action_not_found',
  });
  expect(app.received).toEqual([]);
  expect(await click('U0ONCALL', { action_id: 'gone', value: 'old' })).toMatchObject({ status: 'acked' });
  expect(app.lastPayload()).toMatchObject({ actions: [{ action_id: 'gone', value: 'old' }] });
});

test('a slash command arrives as a form, and its answer is seen by that person only', async () => {
  const { app, slack } = await cardAndApp(() => ({ body: { text: 'All nodes are ready' } }));
  expect(await slack.control('command', { user: 'U0VIEWER', text: '/medic status' })).toMatchObject({
    status: 'acked',
  });
  const fields = Object.fromEntries(new URLSearchParams(app.received.at(-1)?.raw.toString()));
  expect(fields).toMatchObject({
    command: '/medic',
    text: 'status',
    user_id: 'U0VIEWER',
    channel_id: CHANNEL,
    team_id: 'T0LOCAL',
  });
  expect(await slack.page('U0VIEWER')).toContain('All nodes are ready');
  expect(await slack.page('U0ONCALL')).not.toContain('All nodes are ready');
});

test('a response url works five times, for thirty minutes', async () => {
  let nowMs = Date.now();
  const { app, slack, click } = await cardAndApp(undefined, () => nowMs);
  const respond = async (url: string | undefined, body: unknown) =>
    (
      await fetch(url ?? '', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    ).status;
  await click('U0GUEST');
  const url = app.lastPayload().response_url;
  const statuses: number[] = [];
  for (let use = 1; use <= 6; use += 1) statuses.push(await respond(url, { text: `no ${use}` }));
  expect(statuses).toEqual([200, 200, 200, 200, 200, 404]);
  const shown = (await slack.messages()).filter((message) => message.ephemeral_for === 'U0GUEST');
  expect(shown.map(({ text }) => text)).toEqual(['no 1', 'no 2', 'no 3', 'no 4', 'no 5']);
  await click();
  nowMs += 30 * 60 * 1000 + 1;
  expect(await respond(app.lastPayload().response_url, { text: 'late' })).toBe(404);
});

test('a response url can replace and delete the message that was clicked', async () => {
  const { app, slack, click } = await cardAndApp();
  await click();
  const post = (body: unknown) =>
    fetch(app.lastPayload().response_url ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await post({ replace_original: true, text: 'replaced' });
  expect(await slack.messages()).toMatchObject([{ text: 'replaced' }]);
  await post({ delete_original: true });
  expect(await slack.messages()).toEqual([]);
});
