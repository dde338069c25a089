import { expect, test } from 'vitest';
import { mrkdwn } from '../../simulator/slack/render/mrkdwn.ts';
import { button, section, startApp, startSlack } from './slack-and-app.ts';

const CHANNEL = 'C0TALOS';

test.for([
  ['*bold* _it_ ~gone~ `code`', '<strong>bold</strong> <em>it</em> <s>gone</s> <code>code</code>'],
  ['<@U0LEAD> and <!here>', '<span class="mention">@Platform lead</span> and <span class="mention">@here</span>'],
  ['&lt;script&gt; &amp;amp;', '&lt;script&gt; &amp;amp;'],
  ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
  ['<javascript:alert(1)|click>', '&lt;javascript:alert(1)&gt;'],
  [
    '<https://a.example/?x="y|site>',
    '<a href="https://a.example/?x=&quot;y" target="_blank" rel="noopener noreferrer">site</a>',
  ],
  ['```a\n<b>```', '<pre>a\n&lt;b&gt;</pre>'],
  ['a_b_c 2*3*4', 'a_b_c 2*3*4'],
  ['&gt; said', '<blockquote>said</blockquote>'],
  [':warning: :nope:', '⚠️ :nope:'],
  ['<!date^1700000000^{time}|then>', '<time datetime="2023-11-14T22:13:20.000Z" data-format="{time}">then</time>'],
])('draws %s', ([text, markup]) => {
  expect(mrkdwn(text ?? '').markup).toBe(markup);
});

test('hostile text in every place stays text', async () => {
  const slack = await startSlack();
  const evil = '"><img src=x onerror=alert(1)>';
  const blocks = [
    { type: 'header', text: { type: 'plain_text', text: evil } },
    { ...section(evil), accessory: { ...button('a', evil), confirm: confirmWith(evil) } },
  ];
  expect(await slack.api('chat.postMessage', { channel: CHANNEL, text: evil, blocks })).toMatchObject({ ok: true });
  const page = await slack.page('U0ONCALL');
  expect(page).toContain('data-action-id=');
  expect(page).not.toContain('<img');
});
const confirmWith = (text: string) => {
  const plain = { type: 'plain_text', text };
  const short = { type: 'plain_text', text: 'ok' };
  return { title: plain, text: plain, confirm: short, deny: short };
};

test('an ephemeral message is drawn for one person, and no method finds it', async () => {
  const slack = await startSlack();
  await slack.api('chat.postEphemeral', { channel: CHANNEL, user: 'U0GUEST', text: 'You may not' });
  expect(await slack.page('U0GUEST')).toContain('Only visible to you');
  expect(await slack.page('U0ONCALL')).not.toContain('You may not');
  expect(await slack.api('conversations.history', { channel: CHANNEL })).toMatchObject({ messages: [] });
  const [message] = await slack.messages();
  const edit = { channel: CHANNEL, ts: message?.ts, text: 'changed' };
  expect(await slack.api('chat.update', edit)).toMatchObject({ error: 'message_not_found' });
});

test('the page acts for its own visitor and refuses requests that another site could make', async () => {
  const app = await startApp();
  const slack = await startSlack({ eventsUrl: app.eventsUrl });
  const html = await (await fetch(`${slack.root}?user=U0SECOND`)).text();
  expect(html).toContain('You are');
  const token = /data-token="([^"]+)"/.exec(html)?.[1] ?? '';
  const say = (headers: Record<string, string>) =>
    fetch(`${slack.root}/do/say`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ user: 'U0SECOND', text: 'hello', channel: CHANNEL }),
    });
  expect((await say({})).status).toBe(403);
  expect(await slack.messages()).toEqual([]);
  expect((await say({ 'x-page-token': token })).status).toBe(200);
  expect(await slack.messages()).toMatchObject([{ user: 'U0SECOND', text: 'hello' }]);
});

test('an open page hears of every change', async () => {
  const slack = await startSlack();
  const stop = new AbortController();
  const response = await fetch(`${slack.root}/stream`, { signal: stop.signal });
  await slack.api('chat.postMessage', { channel: CHANNEL, text: 'news' });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let heard = '';
  while (!heard.includes('data: changed')) heard += (await reader?.read())?.value ?? '';
  expect(heard).toContain('data: changed');
  stop.abort();
});

test('the control api is closed to whoever has no token', async () => {
  const slack = await startSlack();
  expect((await fetch(`${slack.root}/control/messages`)).status).toBe(401);
});
