import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, devices, type Page } from 'playwright-core';

const DEBIAN = '/usr/bin/chromium';
const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A real Chromium: the one that CHROMIUM names, else Debian's. Throws when there is none: no browser, no proof. */
export async function launchChromium(): Promise<Browser> {
  // biome-ignore lint/style/noProcessEnv: the environment is how a machine says where its browser is
  const executablePath = process.env['CHROMIUM'] ?? DEBIAN;
  if (!existsSync(executablePath)) {
    throw new Error(
      `no Chromium at ${executablePath}: apt-get install chromium fonts-noto-color-emoji, or set CHROMIUM`,
    );
  }
  return await chromium.launch({ executablePath, chromiumSandbox: false, args: ARGS });
}

const { defaultBrowserType: _ours, ...iphone } = devices['iPhone 15'] ?? {};
export const SCREENS = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: iphone,
} as const;
export type Screen = keyof typeof SCREENS;

/** A page that remembers what went wrong in it: uncaught errors, console errors, refused content. */
export type WatchedPage = { readonly page: Page; readonly context: BrowserContext; readonly errors: readonly string[] };
export async function openPage(
  browser: Browser,
  screen: Screen,
  { colorScheme = 'light' }: { readonly colorScheme?: 'light' | 'dark' } = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ ...SCREENS[screen], colorScheme });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  return { page, context, errors };
}

/** How many pixels the page is wider than its window: anything above 0 scrolls sideways. */
export const sidewaysPx = (page: Page): Promise<number> =>
  page.evaluate('Math.max(0, document.documentElement.scrollWidth - window.innerWidth)');
