import { type Html, html } from './html.ts';
import { markdown } from './markdown.ts';
import { page } from './page.ts';

const trail = (...more: readonly { readonly label: string; readonly href: string }[]) => [
  { label: 'Talos Medic', href: '/audit' },
  { label: 'Playbooks', href: '/playbooks' },
  ...more,
];

/** What a finding is about, for whoever followed "What is this?" on a card. Nothing in it is of an incident. */
export const renderPlaybook = (name: string, text: string): string =>
  page({
    title: name,
    trail: trail({ label: name, href: `/playbooks/${name}` }),
    viewer: undefined,
    body: html`<article class="prose">${markdown(text)}</article>`,
  });

/** `own`: pages of the team's own playbooks, by the name of each. */
export const renderPlaybookList = (builtIn: readonly string[], own: readonly string[]): string =>
  page({
    title: 'Playbooks',
    trail: trail(),
    viewer: undefined,
    body: html`<h1>What Medic can find</h1>
${own.length === 0 ? undefined : html`<h2>Your own</h2>${links(own)}<h2>Brought along</h2>`}
${links(builtIn)}`,
  });

const links = (names: readonly string[]): Html =>
  html`<ul>${names.map((name) => html`<li><a href="/playbooks/${name}">${name}</a></li>`)}</ul>`;
