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

const nameOf = (n: number) => (n < 4 ? `cp-${n}` : `w-${n - 3}`);
const nodes = (): readonly PanelNode[] =>
  [1, 2, 3, 4, 5, 6].map((n) => ({
    name: nameOf(n),
    role: n < 4 ? 'controlplane' : 'worker',
    address: `127.0.1.${n}`,
    stage: n === 1 ? world.stage : 'running',
    version: 'v1.13.2',
    hostname: n === 2 ? 'talos-4nx-pqe' : nameOf(n),
    services: ['apid', 'containerd', 'cri', 'etcd', 'kubelet', 'machined', 'syslogd', 'trustd', 'udevd'].map((id) => ({
      id,
      state: id === 'etcd' && n === 3 ? 'Waiting' : 'Running',
    })),
    etcd: n < 4 ? { name: `cp-${n}`, role: ['leader', 'follower', 'learner'][n - 1] ?? '', alarms: [] } : undefined,
    faults: n === 5 ? ['slow (Version)', 'hold_reply'] : [],
    lastActions:
      n === 1 ? [{ at: '2026-11-20T03:12:07.000Z', method: 'ApplyConfiguration', outcome: `9 ${HOSTILE}` }] : [],
  }));
/** As many as the library is going to have. */
const HEADINGS = [
  'Maintenance mode and disks',
  'etcd and the control plane',
  'Extensions and services',
  'Memory',
  'Healthy',
];
const many = Array.from({ length: 46 }, (_, n) => ({
  name: n === 0 ? 'c04-state-not-found-in-time' : `c${String(n).padStart(2, '0')}-something-else-that-happened`,
  summary: `The ${n}th thing that went wrong, in a sentence that is as long as those of real scenarios are.`,
  heading: HEADINGS[Math.floor(n / 10)] ?? '',
  isWell: n >= 40,
}));
const panel = () => ({
  scenarios: many,
  nodes: nodes(),
  cuts: ['w-1 and w-2'],
  calls: {
    total: 77,
    lines: [
      {
        at: '2026-11-20T03:12:06.000Z',
        node: 'cp-2',
        method: 'Reboot',
        roles: ['os:operator'],
        request: { mode: 'DEFAULT' },
        dryRun: false,
        outcome: 'accepted',
      },
      {
        at: '2026-11-20T03:12:07.000Z',
        node: 'cp-1',
        method: 'ApplyConfiguration',
        roles: [],
        request: { mode: 'REBOOT', dataSha256: '9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab' },
        dryRun: true,
        outcome: '9 FAILED_PRECONDITION: the node is in maintenance mode and has no config',
      },
    ],
  },
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

const SCREENS = (['desktop', 'phone'] as const).flatMap((screen) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ screen, colorScheme })),
);

test.for(SCREENS)('the panel fits a $screen in $colorScheme and follows the nodes by itself', async (how) => {
  world.stage = 'running';
  const { page, context, errors } = await openPage(browser, how.screen, { colorScheme: how.colorScheme });
  await page.goto(`${base}/local/panel`);
  expect(await sidewaysPx(page)).toBe(0);
  expect(await page.getByText('maintenance', { exact: true }).count()).toBe(0);
  world.stage = 'maintenance';
  await page.getByText('maintenance', { exact: true }).waitFor();
  expect(await page.locator('.nodes > .changed').evaluateAll((cards) => cards.map(({ id }) => id))).toEqual([
    'node-cp-1',
  ]);
  expect(await page.locator('#live script, #live img').count()).toBe(0);
  expect(await page.title()).not.toBe('owned');
  expect(await sidewaysPx(page)).toBe(0);
  await page.screenshot({ path: join(folder, `panel-${how.screen}-${how.colorScheme}.png`), fullPage: true });
  expect(errors).toEqual([]);
  await context.close();
});

test('the filter finds scenarios in closed groups by any of their words, and gives the groups back', async () => {
  const { page, context, errors } = await openPage(browser, 'phone');
  await page.goto(`${base}/local/panel`);
  const shown = () => page.locator('.scenarios article').filter({ visible: true }).count();
  expect(await shown()).toBe(10);
  await page.getByLabel('Show only').fill('etcd 13TH');
  await page.getByText('1 found').waitFor();
  expect(await shown()).toBe(1);
  expect(await page.getByText('c13-something-else-that-happened').isVisible()).toBe(true);
  await page.getByLabel('Show only').fill('no such thing');
  await page.getByText('0 found').waitFor();
  expect(await shown()).toBe(0);
  await page.getByLabel('Show only').fill('');
  await expect.poll(shown).toBe(10);
  expect(errors).toEqual([]);
  await context.close();
});

test('while Medic does not answer the page says that it shows the past, and stops saying so', async () => {
  const { page, context } = await openPage(browser, 'desktop');
  await page.goto(`${base}/local/panel`);
  await page.getByText('Medic does not answer.').waitFor({ state: 'hidden' });
  await page.route('**/local/panel/state', (route) => route.abort());
  await page.getByText('Medic does not answer.').waitFor();
  expect(await page.getByText('127.0.1.1', { exact: false }).isVisible()).toBe(true);
  await page.unroute('**/local/panel/state');
  await page.getByText('Medic does not answer.').waitFor({ state: 'hidden' });
  await context.close();
});

test('without scripts a scenario is loaded and resolved by forms', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${base}/local/panel`);
  expect(await page.getByLabel('Show only').isVisible()).toBe(false);
  const scenario = page.locator('article', { hasText: 'c04-state-not-found-in-time' });
  await scenario.getByRole('button', { name: 'Break it' }).click();
  await page.getByText('after c04-state-not-found-in-time').waitFor();
  await page.getByText('Memory').click();
  await page.locator('article', { hasText: 'c33-something' }).getByRole('button', { name: 'Break it' }).click();
  await page.getByText('after c33-something').waitFor();
  await page.getByRole('button', { name: 'Send the resolve' }).click();
  await page.getByText('after /local/resolve').waitFor();
  await page.getByRole('button', { name: 'Make all nodes healthy' }).click();
  await page.getByText('after healthy').waitFor();
  expect(posted).toEqual([
    'c04-state-not-found-in-time',
    'c33-something-else-that-happened',
    '/local/resolve',
    'healthy',
  ]);
  await context.close();
});
