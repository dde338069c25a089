import { App } from '@slack/bolt';
import { expect, test } from 'vitest';
import { LambdaReceiver } from '../../lib/slack/receiver.ts';
import { interaction, NOW, SECRET, signed } from './requests.ts';

function receiving() {
  const seen: unknown[] = [];
  const receiver = new LambdaReceiver({ signingSecret: SECRET, now: () => NOW });
  const app = new App({
    receiver,
    authorize: async () => ({ botToken: 'x', botId: 'B1', botUserId: 'UB' }),
    convoStore: false,
  });
  app.command('/medic', async ({ command, ack }) => {
    seen.push(command.text);
    await ack('heard');
  });
  app.view('json', ({ ack }) => ack({ response_action: 'clear' }));
  app.view('twice', async ({ ack }) => {
    await ack({ response_action: 'clear' });
    await ack({ response_action: 'errors', errors: { a: 'late' } });
  });
  app.view('throws', async () => {
    throw new Error('no table');
  });
  app.view('silent', async () => {});
  app.error(async (error) => {
    if (error.message.includes('no table')) throw error;
  });
  return { seen, handler: receiver.toHandler() };
}
const form = new URLSearchParams({ command: '/medic', text: 'grüße', user_id: 'U1', team_id: 'T1' }).toString();
const view = (callbackId: string) =>
  interaction({
    type: 'view_submission',
    user: { id: 'U1' },
    team: { id: 'T1' },
    view: { callback_id: callbackId, state: { values: {} } },
  });

test('a signed command reaches its listener, whatever its bytes', async () => {
  const { handler, seen } = receiving();
  expect(await handler(signed(form))).toMatchObject({ statusCode: 200, body: 'heard' });
  expect(seen).toEqual(['grüße']);
});

test.for([
  { what: 'unsigned', request: { headers: { 'content-type': 'application/json' }, body: '{}' } },
  { what: 'without headers', request: {} },
  { what: 'stale by 301 s', request: signed(form, { ageS: 301 }) },
  { what: 'from 301 s in the future', request: signed(form, { ageS: -301 }) },
  { what: 'changed after signing', request: { ...signed(form), body: `${form}&text=other` } },
  { what: 'unsigned garbage', request: { body: '{{{', headers: {} } },
  { what: 'an unsigned ssl_check', request: { body: 'ssl_check=1', headers: {} } },
])('a request $what gets 401 and reaches nothing', async ({ request }) => {
  const { handler, seen } = receiving();
  expect(await handler(request)).toEqual({ statusCode: 401, body: '' });
  expect(seen).toEqual([]);
});

test.for([
  { what: 'JSON that is none', body: '{{{', contentType: 'application/json' },
  { what: 'JSON that is no object', body: '[1]', contentType: 'application/json' },
  { what: 'a form whose payload is no JSON', body: 'payload=%7B', contentType: 'application/x-www-form-urlencoded' },
  { what: 'an empty body', body: '', contentType: 'application/json' },
])('signed, but $what: 400', async ({ body, contentType }) => {
  expect(await receiving().handler(signed(body, { contentType }))).toEqual({ statusCode: 400, body: '' });
});

test('a base64 body is checked and read as the bytes that it stands for', async () => {
  const { handler, seen } = receiving();
  const json = JSON.stringify({ command: '/medic', text: 'grüße', user_id: 'U1', team_id: 'T1' });
  const request = signed(json, { contentType: 'application/json' });
  const encoded = { ...request, body: Buffer.from(json).toString('base64'), isBase64Encoded: true };
  expect(await handler(encoded)).toMatchObject({ statusCode: 200 });
  expect(seen).toEqual(['grüße']);
});

test('a content type with a charset is the same content type', async () => {
  const request = signed(form, { contentType: 'Application/X-WWW-Form-Urlencoded; charset=utf-8' });
  expect(await receiving().handler(request)).toMatchObject({ statusCode: 200 });
});

test('url_verification is answered only when signed', async () => {
  const body = JSON.stringify({ type: 'url_verification', challenge: 'c1' });
  expect(await receiving().handler(signed(body, { contentType: 'application/json' }))).toMatchObject({
    statusCode: 200,
    body: 'c1',
  });
  expect(await receiving().handler({ body, headers: {} })).toMatchObject({ statusCode: 401 });
});

test.for([
  { callback: 'json', answer: { statusCode: 200, body: '{"response_action":"clear"}' } },
  { callback: 'twice', answer: { statusCode: 200, body: '{"response_action":"clear"}' } },
  { callback: 'throws', answer: { statusCode: 500, body: '' } },
  { callback: 'silent', answer: { statusCode: 404, body: '' } },
  { callback: 'unheard-of', answer: { statusCode: 404, body: '' } },
])('a listener that is $callback answers $answer.statusCode', async ({ callback, answer }) => {
  expect(await receiving().handler(view(callback))).toMatchObject(answer);
});

test('an empty signing secret is a mistake that stops the start', () => {
  expect(() => new LambdaReceiver({ signingSecret: '' })).toThrow(/signing secret/);
});
