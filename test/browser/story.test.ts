import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { medicForThisFile } from '../e2e/medic-for-this-file.ts';
import { mutations } from '../e2e/running-medic.ts';
import { launchChromium, openPage, sidewaysPx } from './chromium.ts';

/**
 * Pictures are made by the very test that proves what they show. Those of the README are renewed with
 * `MEDIC_PICTURES=docs/images`; the others are only to look at.
 */
const MORE_IMAGES = join(tmpdir(), 'talos-medic-pictures');
// biome-ignore lint/style/noProcessEnv: whoever renews the pictures says where they go
const IMAGES = resolve(process.env['MEDIC_PICTURES'] || MORE_IMAGES);
const here = medicForThisFile({ MEDIC_CLOCK_FACTOR: '20', MEDIC_LOOK_AGAIN_MS: '1000' });
let browser: Browser;

beforeAll(async () => {
  for (const place of [IMAGES, MORE_IMAGES]) mkdirSync(place, { recursive: true });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

const SLOW = { timeout: 60_000 };
/** The latest card of the channel. */
const cardOf = (page: Page) => page.locator('article[data-ts]:not([data-ephemeral]):not(details article)').last();
const picture = (name: string, place = IMAGES) => join(place, `${name}.png`);

async function breakIt(page: Page, scenario: string): Promise<void> {
  await page.goto(`${here.medic.address}/local/panel`);
  await page.getByLabel('Show only').fill(scenario);
  const article = page.locator('article', { has: page.getByRole('heading', { name: scenario, exact: true }) });
  await article.getByRole('button').click();
  await page.waitForURL('**/local/panel#nodes');
}

/** Keeps every title that the latest card shows, in order: some stand for less than a second. */
const WATCH_TITLES = `
  window.titles = [];
  new MutationObserver(() => {
    const title = [...document.querySelectorAll('article[data-ts] h3')].at(-1)?.textContent;
    if (title && title !== window.titles.at(-1)) window.titles.push(title);
  }).observe(document, { childList: true, subtree: true, characterData: true });`;
const titlesOf = async (page: Page) => z.array(z.string()).parse(await page.evaluate('window.titles'));

/** Slack, as one of its people. */
async function slackAs(user: string, scheme: 'light' | 'dark' = 'light') {
  const opened = await openPage(browser, 'desktop', { colorScheme: scheme });
  await opened.page.addInitScript(WATCH_TITLES);
  await opened.page.goto(`${here.medic.address}/local/slack?user=${user}`);
  return opened;
}

test('a late disk: from the alert in the panel to a proven repair and its record, by two people in Slack', async () => {
  const panel = await openPage(browser, 'desktop');
  const first = await slackAs('U0ONCALL');
  const second = await slackAs('U0SECOND');
  await breakIt(panel.page, 'c04-state-not-found-in-time');

  const card = cardOf(first.page);
  await card.getByText('is in maintenance mode although a STATE partition is there').waitFor(SLOW);
  await card.getByText('Talos offers no reboot in maintenance mode').waitFor(SLOW);
  await card.getByText('Can it wait?').waitFor();
  expect(await card.getByText(/STATE is on \/dev\/sda5/).count()).toBe(1);
  await first.page.screenshot({ path: picture('c04-card') });

  await card.getByRole('button', { name: 'Restore config…' }).click();
  const modal = first.page.locator('#modal');
  await modal.getByText('Node in maintenance mode').or(modal.getByText("Talos' dry run")).first().waitFor(SLOW);
  for (const text of [
    'SHA-256',
    "Talos' dry run",
    'Node is running in maintenance mode and does not have a config yet',
    'agree with the inventory',
  ]) {
    await modal.getByText(text).first().waitFor(SLOW);
  }
  await modal.locator('[data-field="node_name"] input').fill('w-2');
  await modal
    .locator('[data-field="reason"] textarea, [data-field="reason"] input')
    .first()
    .fill('The disk came too late after the power cut.');
  await first.page.setViewportSize({ width: 1280, height: 1400 });
  await first.page.screenshot({ path: picture('c04-modal') });
  await first.page.setViewportSize({ width: 1280, height: 800 });
  await modal.locator('form[data-view] button[type="submit"]').click();

  const seen = cardOf(second.page);
  await seen.getByText('1 of 2 said yes').waitFor(SLOW);
  await seen.getByRole('button', { name: 'Review…' }).click();
  const review = second.page.locator('#modal');
  await review.getByText('SHA-256').first().waitFor(SLOW);
  await review.locator('[data-field="node_name"] input').fill('w-2');
  await review.locator('form[data-view] button[type="submit"]').click();

  await seen.getByText('Restore config: verified').first().waitFor(SLOW);
  expect(await titlesOf(second.page)).toEqual(
    expect.arrayContaining([
      expect.stringContaining('w-2 in demo: diagnosing'),
      expect.stringContaining('w-2 in demo: needs a decision'),
      expect.stringContaining('w-2 in demo: repair running'),
      expect.stringContaining('w-2 in demo: verifying the repair'),
    ]),
  );
  await second.page.screenshot({ path: picture('c04-verified', MORE_IMAGES) });
  await panel.page.goto(`${here.medic.address}/local/panel`);
  await panel.page.getByRole('button', { name: 'Send the resolve' }).click();
  await seen.getByText('Closed').first().waitFor(SLOW);
  expect(mutations(here.folder).map(({ node, method, outcome }) => [node, method, outcome])).toEqual([
    ['w-2', 'ApplyConfiguration', 'accepted'],
  ]);

  const audit = await openPage(browser, 'desktop');
  await audit.page.goto(`${here.medic.address}/audit`);
  await audit.page.getByRole('button', { name: 'Viewer' }).click();
  await audit.page.getByRole('link', { name: /w-2/ }).first().click();
  await audit.page.getByText(/Chain valid: \d+ events/).waitFor(SLOW);
  await audit.page.getByText('Second engineer').first().waitFor();
  await audit.page.screenshot({ path: picture('c04-record', MORE_IMAGES) });
  await audit.page.locator('.timeline').screenshot({ path: picture('c04-timeline') });
  for (const { errors } of [panel, first, second]) expect(errors).toEqual([]);
  expect(audit.errors).toEqual([expect.stringContaining('401')]); // the page that asks who is there
  for (const { context } of [panel, first, second, audit]) await context.close();
});

test('a late name: one person reboots a control plane, and etcd comes back under the current name', async () => {
  const panel = await openPage(browser, 'desktop');
  const slack = await slackAs('U0LEAD', 'dark');
  await breakIt(panel.page, 'c05-etcd-under-temporary-hostname');
  const card = cardOf(slack.page);
  await card.getByText(/runs under the temporary name talos-/).waitFor(SLOW);
  await card.getByRole('button', { name: 'Reboot…' }).waitFor(SLOW);
  await slack.page.screenshot({ path: picture('c05-card-dark', MORE_IMAGES) });
  await card.getByRole('button', { name: 'Reboot…' }).click();
  const modal = slack.page.locator('#modal');
  await modal.getByText('etcd starts again under the current hostname').first().waitFor(SLOW);
  await modal
    .locator('[data-field="reason"] textarea, [data-field="reason"] input')
    .first()
    .fill('etcd has a generated name.');
  await slack.page.screenshot({ path: picture('c05-modal-dark', MORE_IMAGES) });
  await modal.locator('form[data-view] button[type="submit"]').click();
  await card.getByText('Reboot: verified').first().waitFor(SLOW);
  expect(await titlesOf(slack.page)).toEqual(
    expect.arrayContaining([
      expect.stringContaining('cp-2 in demo: diagnosing'),
      expect.stringContaining('cp-2 in demo: repair running'),
      expect.stringContaining('cp-2 in demo: verifying the repair'),
    ]),
  );
  await panel.page.goto(`${here.medic.address}/local/panel`);
  await panel.page.getByRole('button', { name: 'Send the resolve' }).click();
  await card.getByText('Closed').first().waitFor(SLOW);
  const audit = await openPage(browser, 'desktop');
  await audit.page.goto(`${here.medic.address}/audit`);
  await audit.page.getByRole('button', { name: 'Viewer' }).click();
  await audit.page.getByRole('link', { name: /cp-2/ }).first().click();
  await audit.page.getByText(/Chain valid: \d+ events/).waitFor(SLOW);
  await audit.page.getByText('Verdict: verified').first().waitFor();
  expect(mutations(here.folder).at(-1)).toMatchObject({ node: 'cp-2', method: 'Reboot', outcome: 'accepted' });
  for (const { errors } of [panel, slack]) expect(errors).toEqual([]);
  for (const { context } of [panel, slack, audit]) await context.close();
});

test('a viewer who clicks is told why not and who can, and only the viewer sees it', async () => {
  const panel = await openPage(browser, 'desktop');
  await breakIt(panel.page, 'c04-state-not-found-in-time-1.13');
  const viewer = await slackAs('U0VIEWER');
  const other = await slackAs('U0SECOND');
  await cardOf(viewer.page).getByRole('button', { name: 'Restore config…' }).click(SLOW);
  await viewer.page.getByText('You have no admin role in demo').first().waitFor(SLOW);
  expect(await other.page.getByText('You have no admin role in demo').count()).toBe(0);
  for (const { context } of [panel, viewer, other]) await context.close();
});

test.for(['/local/panel', '/local/slack', '/audit'])('%s fits a phone', async (path) => {
  const { page, context, errors } = await openPage(browser, 'phone');
  await page.goto(`${here.medic.address}${path}`);
  await page.getByRole('heading').first().waitFor();
  expect(await sidewaysPx(page)).toBe(0);
  expect(errors.filter((error) => !error.includes('401'))).toEqual([]);
  await context.close();
});
