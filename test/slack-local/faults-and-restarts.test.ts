import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, onTestFinished, test, vi } from 'vitest';
import { SlackFile } from '../../simulator/slack/slack-file.ts';
import { BOT_TOKEN, card, modal, newFolder, SIGNING_SECRET, startApp, startSlack } from './slack-and-app.ts';

const CHANNEL = 'C0TALOS';
const POST = { channel: CHANNEL, text: 'Node is down' };

test('a post that timed out after it arrived is in the channel, once', async () => {
  const slack = await startSlack();
  await slack.control('fault', { method: 'chat.postMessage', kind: 'timeout_after_post' });
  await expect(slack.send('chat.postMessage', POST, { signal: AbortSignal.timeout(300) })).rejects.toThrow();
  expect(await slack.messages()).toHaveLength(1);
  expect(await slack.api('chat.postMessage', POST)).toMatchObject({ ok: true });
});

test('a post that timed out before it arrived is not', async () => {
  const slack = await startSlack();
  await slack.control('fault', { method: 'chat.postMessage', kind: 'timeout' });
  await expect(slack.send('chat.postMessage', POST, { signal: AbortSignal.timeout(300) })).rejects.toThrow();
  expect(await slack.messages()).toEqual([]);
});

test('each fault strikes as often as it was told, then all is well', async () => {
  const slack = await startSlack();
  await slack.control('fault', { method: 'chat.postMessage', kind: '429', retryAfterS: 7 });
  await slack.control('fault', { method: '*', kind: '500', times: 2 });
  await slack.control('fault', { method: 'chat.postMessage', kind: 'is_archived' });
  const limited = await slack.send('chat.postMessage', POST);
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
  expect((await slack.send('chat.postMessage', POST)).status).toBe(500);
  expect((await slack.send('auth.test', {})).status).toBe(500);
  expect(await slack.api('chat.postMessage', POST)).toEqual({ ok: false, error: 'is_archived' });
  expect(await slack.api('chat.postMessage', POST)).toMatchObject({ ok: true });
  expect(await slack.messages()).toHaveLength(1);
});

test('an interaction can be delivered twice, and with a trigger that is already dead', async () => {
  const app = await startApp();
  const slack = await startSlack({ eventsUrl: app.eventsUrl });
  const { ts } = await slack.api('chat.postMessage', { ...POST, blocks: card() });
  const click = { user: 'U0ONCALL', channel: CHANNEL, ts, action_id: 'plan' };
  await slack.control('fault', { method: 'interaction', kind: 'duplicate' });
  await slack.control('click', click);
  expect(app.received).toHaveLength(2);
  await slack.control('fault', { method: 'interaction', kind: 'expired_trigger' });
  await slack.control('click', click);
  const trigger_id = app.lastPayload().trigger_id;
  expect(await slack.api('views.open', { trigger_id, view: modal('p') })).toMatchObject({
    error: 'expired_trigger_id',
  });
});

test('messages, views, response urls and the events url are there again after a restart', async () => {
  const app = await startApp();
  const first = await startSlack({ eventsUrl: app.eventsUrl });
  const { ts } = await first.api('chat.postMessage', { ...POST, blocks: card() });
  await first.api('chat.postEphemeral', { channel: CHANNEL, user: 'U0GUEST', text: 'only you' });
  const click = { user: 'U0ONCALL', channel: CHANNEL, ts, action_id: 'plan' };
  await first.control('click', click);
  const { trigger_id, response_url } = app.lastPayload();
  await first.api('views.open', { trigger_id, view: modal('plan-1') });
  await first.stop();
  appendFileSync(join(first.folder, 'slack.jsonl'), '{"table":"messages","key":"C0TAL');

  const second = await startSlack({ folder: first.folder });
  // our own client may still hold a connection to the first one, because the port is the same
  const messages = await vi.waitFor(() => second.messages());
  expect(messages.map(({ text }) => text)).toEqual(['Node is down', 'only you']);
  expect((await second.views('U0ONCALL')).views).toMatchObject([{ external_id: 'plan-1' }]);
  const secret = response_url?.split('/').at(-1);
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"text":"still here"}' };
  expect((await fetch(`${second.root}/response/${secret}`, init)).status).toBe(200);
  expect(await second.control('click', click)).toMatchObject({ status: 'acked' });
});

test('the bundled process says where it is, keeps its messages when killed, and leaves quietly when asked', async () => {
  const folder = newFolder();
  const outfile = join(folder, 'slack.mjs');
  await build({
    entryPoints: ['simulator/slack/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
  });
  const start = async () => {
    const secrets = ['--signing-secret', SIGNING_SECRET, '--bot-token', BOT_TOKEN];
    const child = spawn(process.execPath, [outfile, '--folder', folder, ...secrets], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    const file = SlackFile.parse(JSON.parse(readFileSync(join(folder, 'slack.json'), 'utf8')));
    const exited = once(child, 'exit');
    const post = () =>
      fetch(`${file.url}/local/slack/api/chat.postMessage`, {
        method: 'POST',
        headers: { authorization: `Bearer ${BOT_TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify(POST),
      });
    const state = async () => (await fetch(`${file.url}/local/slack/state`)).text();
    return { child, file, exited, post, state };
  };
  const first = await start();
  expect(first.file.pid).toBe(first.child.pid);
  expect(await (await first.post()).json()).toMatchObject({ ok: true });
  first.child.kill('SIGKILL');
  await first.exited;
  const second = await start();
  expect(await second.state()).toContain('Node is down');
  second.child.kill('SIGTERM');
  expect(await second.exited).toEqual([0, null]);
  expect(existsSync(join(folder, 'slack.json'))).toBe(false);
});
