import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import * as z from 'zod';
import { type LocalSlackOptions, startLocalSlack } from '../../simulator/slack/start-local-slack.ts';

/** A local Slack in a folder of its own, an app that answers as told, and the calls that tests make. */
export const SIGNING_SECRET = 'signing-secret';
export const BOT_TOKEN = 'xoxb-local';

export const Answer = z.looseObject({ ok: z.boolean(), error: z.string().optional(), ts: z.string().optional() });
export const Outcome = z.looseObject({ status: z.string(), errors: z.record(z.string(), z.string()).optional() });
export const Messages = z.object({
  messages: z.array(
    z.looseObject({
      ts: z.string(),
      text: z.string(),
      blocks: z.array(z.unknown()).optional(),
      ephemeral_for: z.string().optional(),
    }),
  ),
});
export const Views = z.object({
  views: z.array(z.looseObject({ id: z.string(), hash: z.string(), external_id: z.string() })),
  notices: z.array(z.object({ text: z.string() })),
});
export const Payload = z.looseObject({
  type: z.string(),
  trigger_id: z.string().optional(),
  response_url: z.string().optional(),
});

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slack-local-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function startSlack(options: Partial<LocalSlackOptions> = {}) {
  const folder = options.folder ?? newFolder();
  const running = await startLocalSlack({
    folder,
    port: 0,
    signingSecret: SIGNING_SECRET,
    botToken: BOT_TOKEN,
    ...options,
  });
  onTestFinished(() => running.stop());
  const root = `${running.url}/local/slack`;
  const authorized = { authorization: `Bearer ${running.controlToken}`, 'content-type': 'application/json' };
  /** As `@slack/web-api` sends it: a form, with objects as JSON. */
  const send = (method: string, args: Record<string, unknown>, init: RequestInit = {}) => {
    const fields = new URLSearchParams();
    for (const [key, value] of Object.entries(args)) {
      fields.set(key, typeof value === 'string' ? value : JSON.stringify(value));
    }
    const headers = { authorization: `Bearer ${BOT_TOKEN}` };
    return fetch(`${root}/api/${method}`, { method: 'POST', headers, body: fields, ...init });
  };
  const read = async (path: string): Promise<unknown> => {
    const response = await fetch(`${root}/control/${path}`, { headers: authorized });
    return response.json();
  };
  return {
    ...running,
    folder,
    root,
    send,
    api: async (method: string, args: Record<string, unknown>) => Answer.parse(await (await send(method, args)).json()),
    control: async (path: string, body: unknown): Promise<unknown> => {
      const init = { method: 'POST', headers: authorized, body: JSON.stringify(body) };
      const response = await fetch(`${root}/control/${path}`, init);
      return response.json();
    },
    messages: async () => Messages.parse(await read('messages?channel=C0TALOS')).messages,
    views: async (user: string) => Views.parse(await read(`views?user=${user}`)),
    /** What the page draws for one person. */
    page: async (user: string) => (await fetch(`${root}/state?user=${user}`)).text(),
  };
}

export type Received = { readonly headers: IncomingHttpHeaders; readonly raw: Buffer };
export type Reply = { readonly status?: number; readonly body?: unknown };

/** Medic's place: keeps what arrives, byte by byte, and answers what `answer` says; `undefined` is silence. */
export async function startApp(answer: (fields: URLSearchParams) => Reply | undefined = () => ({})) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      received.push({ headers: request.headers, raw });
      const reply = answer(new URLSearchParams(raw.toString('utf8')));
      if (!reply) return;
      response.writeHead(reply.status ?? 200, { 'content-type': 'application/json' });
      response.end(reply.body === undefined ? '' : JSON.stringify(reply.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    eventsUrl: `http://127.0.0.1:${port}/slack/events`,
    received,
    lastPayload() {
      const fields = new URLSearchParams(received.at(-1)?.raw.toString('utf8'));
      return Payload.parse(JSON.parse(fields.get('payload') ?? '{}'));
    },
  };
}

export const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
export const button = (actionId: string, value: string) => ({
  type: 'button',
  action_id: actionId,
  value,
  text: { type: 'plain_text', text: 'Press' },
});
export const card = (text = 'Node is down') => [section(text), { type: 'actions', elements: [button('plan', 'p1')] }];
export const modal = (externalId: string, title = 'Preparing') => ({
  type: 'modal',
  title: { type: 'plain_text', text: title },
  submit: { type: 'plain_text', text: 'Go' },
  external_id: externalId,
  callback_id: 'confirm',
  private_metadata: 'kept',
  notify_on_close: true,
  blocks: [
    {
      type: 'input',
      block_id: 'name',
      label: { type: 'plain_text', text: 'Node name' },
      element: { type: 'plain_text_input', action_id: 'typed' },
    },
  ],
});
