import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scriptedHeaders } from '../../lib/audit/pages/page.ts';
import { renderPanel, renderPanelLive } from '../../local/panel/panel.ts';
import { panelScript } from '../../local/panel/panel-script.ts';
import type { PanelNode } from '../../local/panel/world-state.ts';
import { HOSTILE } from '../audit-pages/synthetic-incident.ts';
import { launchChromium, openPage, sidewaysPx } from './chromium.ts';

const folder = mkdtempSync(join(tmpdir(), 'medic-panel-page-'));
const posted: string[] = [];
const world = { stage: 'running' };
let server: Server;
let browser: Browser;
let base = '';

const nodes = (): readonly PanelNode[] =>
  [1, 2, 3, 4, 5, 6].map((n) => ({
    name: n < 4 ? `cp-${n}` : `worker-${n - 3}`,
    role: n < 4 ? 'controlplane' : 'worker',
    address: `127.0.1.${n}`,
    stage: n === 1 ? world.stage : 'running',
    version: 'v1.13.2',
    services: ['apid', 'containerd', 'etcd', 'kubelet'].map((id) => ({ id, state: 'Running' })),
    etcdName: n < 4 ? `cp-${n}` : '',
    lastActions: n === 1 ? ['03:12:07 ApplyConfiguration accepted', HOSTILE] : [],
  }));
const panel = () => ({
  scenarios: [
    { name: 'healthy', summary: 'Three control planes and three workers run as they should.' },
    { name: 'c04-state-not-found-in-time', summary: 'The disk of cp-1 appears after Talos gave up looking for STATE.' },
    { name: 'c05-etcd-under-temporary-hostname', summary: 'etcd on cp-2 started before the metadata gave its name.' },
  ],
  nodes: nodes(),
  journal: [
    {
      at: '2026-11-20T03:12:07.000Z',
      node: 'cp-1',
      method: 'ApplyConfiguration',
      roles: [],
      request: { mode: 'REBOOT', dataSha256: '9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab' },
      dryRun: true,
      outcome: 'accepted',
    },
  ],
  current: posted.at(-1) ?? '',
  links: [
    { label: 'Slack', href: '/local/slack' },
    { label: 'Audit', href: '/audit' },
  ],
});

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.method === 'POST') {
      let body = '';
      request.on('data', (part) => {
        body += part;
      });
      request.on('end', () => {
        posted.push(new URLSearchParams(body).get('name') ?? request.url ?? '');
        response.writeHead(303, { location: '/local/panel' }).end();
      });
    } else if (request.url === '/local/panel.js') {
      response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' }).end(panelScript);
    } else if (request.url === '/local/panel/state') {
      response.writeHead(200, scriptedHeaders).end(renderPanelLive(panel()));
    } else if (request.url === '/local/panel') {
      response.writeHead(200, scriptedHeaders).end(renderPanel(panel()));
    } else response.writeHead(204).end();
  });
  const address = await new Promise<ReturnType<Server['address']>>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address()));
  });
  if (address === null || typeof address === 'string') throw new Error('the test server has no port');
  base = `http://127.0.0.1:${address.port}`;
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  server.close();
  // biome-ignore lint/style/noProcessEnv: who wants to look at the pictures keeps them
  if (process.env['KEEP_SCREENSHOTS'] === undefined) rmSync(folder, { recursive: true });
});

test.for(['desktop', 'phone'] as const)('the panel fits a %s and follows the nodes by itself', async (screen) => {
  world.stage = 'running';
  const { page, context, errors } = await openPage(browser, screen);
  await page.goto(`${base}/local/panel`);
  expect(await sidewaysPx(page)).toBe(0);
  expect(await page.getByText('maintenance', { exact: true }).count()).toBe(0);
  world.stage = 'maintenance';
  await page.getByText('maintenance', { exact: true }).waitFor();
  expect(await page.locator('#live script, #live img').count()).toBe(0);
  expect(await page.title()).not.toBe('owned');
  await page.screenshot({ path: join(folder, `panel-${screen}.png`), fullPage: true });
  expect(errors).toEqual([]);
  await context.close();
});

test('without scripts a scenario is loaded and resolved by forms', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${base}/local/panel`);
  const card = page.locator('article', { hasText: 'c04-state-not-found-in-time' });
  await card.getByRole('button', { name: 'Break it and send the alert' }).click();
  await page.getByText('after c04-state-not-found-in-time').waitFor();
  await page.getByRole('button', { name: 'Send the resolve' }).click();
  await page.getByText('after /local/resolve').waitFor();
  expect(posted).toEqual(['c04-state-not-found-in-time', '/local/resolve']);
  await context.close();
});
