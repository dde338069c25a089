import { createHash } from 'node:crypto';
import { auditCss } from './css.ts';
import { Html, html } from './html.ts';

/** Who looks. `id` as the guard knows it. */
export type Viewer = { readonly id: string; readonly name: string };

const styleHash = `'sha256-${createHash('sha256').update(auditCss).digest('base64')}'`;
const policy = (more: readonly string[]): string =>
  [
    `default-src 'none'`,
    `style-src ${styleHash}`,
    `img-src 'self'`,
    `form-action 'self'`,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
    ...more,
  ].join('; ');

const headers = (csp: string) => ({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': csp,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
});
/** Response headers of every audit page: the one style sheet is allowed by its hash, scripts not at all. */
export const auditHeaders: Readonly<Record<string, string>> = headers(policy([]));
/** The same for a page with scripts of its own origin (the local panel). */
export const scriptedHeaders: Readonly<Record<string, string>> = headers(
  policy([`script-src 'self'`, `connect-src 'self'`]),
);

const style = new Html(`<style>${auditCss}</style>`);

export type PageParts = {
  readonly title: string;
  /** Trail to this page, first the home of the area: label and path. */
  readonly trail: readonly { readonly label: string; readonly href: string }[];
  readonly viewer: Viewer | undefined;
  /** Path of a script of the same origin. */
  readonly script?: string;
  readonly body: Html;
};

/** A whole document, complete without any further request. */
export function page({ title, trail, viewer, script, body }: PageParts): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Talos Medic</title>
${style}
${script === undefined ? undefined : html`<script src="${script}" defer></script>`}
</head>
<body>
<header class="bar">
<nav aria-label="Trail">${trail.map(({ label, href }) => html`<a href="${href}">${label}</a>`)}</nav>
${viewer === undefined ? undefined : signedIn(viewer)}
</header>
<main>
${body}
</main>
</body>
</html>
`.toString();
}

const signedIn = ({ name }: Viewer) => html`<form class="viewer" method="post" action="/audit/sign-out">
<span>${name}</span> <button class="quiet-button">Sign out</button>
</form>`;
