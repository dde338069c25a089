import * as z from 'zod';
import { scriptedHeaders } from '../../lib/audit/pages/page.ts';
import type { Demo } from '../demo.ts';
import { renderPanel, renderPanelLive } from '../panel/panel.ts';
import { panelScript } from '../panel/panel-script.ts';
import { json, type Request, type Response, type Route, redirect } from './request.ts';

const links = [
  { label: 'Slack', href: '/local/slack' },
  { label: 'Audit', href: '/audit' },
];
const Order = z.object({ name: z.string() });

/** The panel, and what it does. There with the simulator only. */
export const demoRoutes = (demo: Demo): readonly Route[] => [
  async ({ method, path }) => {
    if (method !== 'GET') return undefined;
    if (path === '/') return redirect('/local/panel');
    if (path === '/local/panel') {
      const [scenarios, live] = await Promise.all([demo.scenarios(), demo.live()]);
      return html(renderPanel({ scenarios, ...live, links }));
    }
    if (path === '/local/panel/state') return html(renderPanelLive(await demo.live()));
    if (path !== '/local/panel.js') return undefined;
    return { status: 200, headers: { 'content-type': 'text/javascript; charset=utf-8' }, body: panelScript };
  },
  async (request) => {
    if (request.method !== 'POST' || !/^\/local\/(?:scenario|resolve)$/.test(request.path)) return undefined;
    if (isForeign(request)) return json(403, { error: 'a page of another site asked for this' });
    const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
    const answer =
      request.path === '/local/resolve'
        ? json(200, { resolved: await demo.resolve() })
        : await load(demo, request, isForm);
    return isForm && answer.status < 400 ? redirect('/local/panel#nodes') : answer;
  },
];

/** Another site may post a form to localhost; its browser says where it comes from. */
const isForeign = ({ headers }: Request) => {
  const origin = headers['origin'];
  return origin !== undefined && origin !== 'null' && origin !== `http://${headers['host']}`;
};

async function load(demo: Demo, request: Request, isForm: boolean): Promise<Response> {
  const order = Order.safeParse(
    isForm ? Object.fromEntries(new URLSearchParams(request.body)) : parseJson(request.body),
  );
  if (!order.success) return json(400, { error: 'say which scenario: {"name": "c04-state-not-found-in-time"}' });
  const loaded = await demo.load(order.data.name);
  if (!loaded.ok) return json(404, { error: loaded.error });
  return json(loaded.value.status === 202 ? 200 : 502, { loaded: order.data.name, ...loaded.value });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const html = (body: string): Response => ({ status: 200, headers: scriptedHeaders, body });
