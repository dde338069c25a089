import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderIncident } from '../../lib/audit/pages/incident.ts';
import { renderAuditHome, renderIncidentList } from '../../lib/audit/pages/incident-list.ts';
import { auditHeaders } from '../../lib/audit/pages/page.ts';
import { renderSignIn } from '../../lib/audit/pages/sign-in.ts';
import { HOSTILE, syntheticIncident } from '../audit-pages/synthetic-incident.ts';
import { launchChromium, openPage, SCREENS, type Screen, sidewaysPx } from './chromium.ts';

const viewer = { id: 'U9', name: 'Reviewer' };
const usual = syntheticIncident();
const open = syntheticIncident({ id: 'inc-2', node: 'worker-3', upTo: 'diagnosis_finished' });
const hostile = syntheticIncident({ id: 'inc-3', node: HOSTILE.repeat(3), text: `${HOSTILE} ${'x'.repeat(400)}` });
const states = [open.state, usual.state, hostile.state];
const valid = { ok: true, events: usual.events.length } as const;
const broken = { ok: false, seq: 12, problem: 'its hash does not fit to what is stored' } as const;

const PAGES: Readonly<Record<string, string>> = {
  '/home': renderAuditHome({ incidents: states, viewer }),
  '/list': renderIncidentList(states, viewer),
  '/incident': renderIncident({ ...usual, chain: valid, viewer }),
  '/open': renderIncident({ ...open, chain: { ok: true, events: open.events.length }, viewer }),
  '/broken': renderIncident({ ...usual, chain: broken, viewer }),
  '/hostile': renderIncident({ ...hostile, chain: valid, viewer: { id: 'U8', name: HOSTILE } }),
  '/sign-in': renderSignIn([
    { id: 'U1', name: 'Operator One', says: 'Operator: may ask for and approve repairs' },
    { id: 'U9', name: 'Reviewer', says: 'Reviewer: may read the record' },
  ]),
};

let server: Server;
let browser: Browser;
let base = '';
const folder = mkdtempSync(join(tmpdir(), 'medic-audit-pages-'));

beforeAll(async () => {
  server = createServer((request, response) => {
    const page = PAGES[request.url ?? ''];
    if (page === undefined) response.writeHead(request.url === '/favicon.ico' ? 204 : 404).end();
    else response.writeHead(200, auditHeaders).end(page);
  });
  const listening = await new Promise<ReturnType<Server['address']>>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address()));
  });
  if (listening === null || typeof listening === 'string') throw new Error('the test server has no port');
  base = `http://127.0.0.1:${listening.port}`;
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  server.close();
  // biome-ignore lint/style/noProcessEnv: who wants to look at the pictures keeps them
  if (process.env['KEEP_SCREENSHOTS'] === undefined) rmSync(folder, { recursive: true });
});

const cases = Object.keys(PAGES).flatMap((path) =>
  (['desktop', 'phone'] as const).flatMap((screen) =>
    (['light', 'dark'] as const).map((colorScheme) => ({ path, screen, colorScheme })),
  ),
);

describe('every page', () => {
  test.for(cases)('$path fits a $screen in $colorScheme and runs without errors', async (one) => {
    const { page, context, errors } = await openPage(browser, one.screen, one);
    await page.goto(base + one.path);
    expect(await page.title()).not.toBe('owned');
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    await page.evaluate(`for (const part of document.querySelectorAll('details')) part.open = true`);
    expect(await sidewaysPx(page)).toBe(0);
    const path = join(folder, `${one.path.slice(1)}-${one.screen}-${one.colorScheme}.png`);
    await page.evaluate(`for (const part of document.querySelectorAll('details')) part.open = false`);
    await page.screenshot({ path, fullPage: true });
    expect(statSync(path).size).toBeGreaterThan(5000);
    expect(errors).toEqual([]);
    await context.close();
  });
});

const read = async (path: string, screen: Screen = 'desktop') => {
  const watched = await openPage(browser, screen);
  await watched.page.goto(base + path);
  return watched;
};

test('the style sheet is applied under the policy that is sent with it', async () => {
  const { page, context } = await read('/incident');
  expect(await page.evaluate(`getComputedStyle(document.querySelector('.timeline > li')).display`)).toBe('grid');
  await context.close();
});

test('hostile text makes no element and is readable as what it is', async () => {
  const { page, context } = await read('/hostile');
  expect(await page.locator('main script, main img, header img').count()).toBe(0);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('<script>');
  await context.close();
});

test.for(Object.keys(SCREENS).map((screen) => (screen === 'phone' ? 'phone' : 'desktop')))(
  'a broken chain is seen at once on a %s, and leads to the event that breaks it',
  async (screen) => {
    const { page, context } = await read('/broken', screen);
    const note = page.locator('#chain');
    expect(await note.isVisible()).toBe(true);
    expect((await note.boundingBox())?.y).toBeLessThan(800);
    await note.getByRole('link').click();
    expect(await page.getByText('The chain breaks here.').isVisible()).toBe(true);
    expect(page.url()).toMatch(/#event-12$/);
    await context.close();
  },
);

test('an event opens to everything that was recorded, without scripts', async () => {
  const { page, context } = await read('/incident', 'phone');
  const [, second] = usual.events;
  const hash = page.locator('#event-2').getByText(second?.hash ?? 'none');
  expect(await hash.isVisible()).toBe(false);
  await page.locator('#event-2').getByText('event 2').click();
  expect(await hash.isVisible()).toBe(true);
  await context.close();
});

test('on paper everything is unfolded and controls are gone', async () => {
  const { page, context } = await read('/incident');
  await page.emulateMedia({ media: 'print' });
  expect(
    await page
      .locator('#event-2')
      .getByText(usual.events[1]?.hash ?? 'none')
      .isVisible(),
  ).toBe(true);
  expect(await page.getByRole('button', { name: 'Sign out' }).isVisible()).toBe(false);
  await context.close();
});
