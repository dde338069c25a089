import { BOT, directChannel, MAIN_CHANNEL, PEOPLE, TEAM } from '../people.ts';
import { stackOf } from '../views.ts';
import { messagesOf, type Workspace } from '../workspace.ts';
import { renderBlocks } from './blocks.ts';
import { attr, type Html, html } from './html.ts';
import { renderMessage } from './message.ts';
import { renderModal } from './modal.ts';

/** Who looks, and where: a channel id, or `home` for the app's home tab. */
export type Look = { readonly user: string; readonly channel: string };

/** From the address; whatever is not known falls back to the on-call engineer in the main channel. */
export function readLook(query: URLSearchParams): Look {
  const user = PEOPLE.find(({ id }) => id === query.get('user'))?.id ?? 'U0ONCALL';
  const places = [MAIN_CHANNEL.id, directChannel(user).id, 'home'];
  const channel = places.find((id) => id === query.get('channel')) ?? MAIN_CHANNEL.id;
  return { user, channel };
}

/** What the page's script draws: it asks again whenever something changed. */
export function pageState(workspace: Workspace, { user, channel }: Look) {
  const top = stackOf(workspace, user).at(-1);
  const home = workspace.homes.get(user);
  const blocks = home?.view.blocks ?? [];
  const empty = html`<p class="empty">${BOT.name} has not filled this page yet.</p>`;
  return {
    articles: channel === 'home' ? [] : articles(workspace, user, channel),
    home:
      channel === 'home'
        ? html`<div class="home" data-view="${home?.id ?? ''}">${home ? renderBlocks(blocks, home.id) : empty}</div>`
            .markup
        : '',
    modal: top ? { id: top.id, hash: top.hash, html: renderModal(top).markup } : null,
    notices: workspace.noticesFor(user),
  };
}

function articles(workspace: Workspace, user: string, channel: string) {
  const visible = messagesOf(workspace, channel).filter(
    ({ ephemeralFor }) => ephemeralFor === undefined || ephemeralFor === user,
  );
  const known = new Set(visible.map(({ ts }) => ts));
  const parents = visible.filter(({ threadTs }) => threadTs === undefined || !known.has(threadTs));
  return parents.map((message) => {
    const replies = visible.filter(({ threadTs }) => threadTs === message.ts);
    return { ts: message.ts, html: renderMessage(message, replies).markup };
  });
}

/** The page as it first arrives: complete but for the messages. `pageToken` keeps other sites from acting through it. */
export function renderPage({ user, channel }: Look, pageToken: string): string {
  const people = PEOPLE.map(({ id, name, isGuest, isDeactivated }) => {
    const note = [isGuest && ' (guest)', isDeactivated && ' (deactivated)'].find(Boolean) || '';
    return html`<option value="${id}"${attr('selected', id === user)}>${name}${note}</option>`;
  });
  const place = (id: string, name: string) =>
    html`<a href="/local/slack?user=${user}&amp;channel=${id}"${attr('aria-current', id === channel ? 'page' : undefined)}>${name}</a>`;
  const isHome = channel === 'home';
  const title = isHome ? `${BOT.name}: home` : placeTitle(channel);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Local Slack</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/local/slack/page.css">
<script src="/local/slack/page.js" defer></script>
</head>
<body data-user="${user}" data-channel="${channel}" data-token="${pageToken}">
<div class="bar"><strong>${TEAM.name}</strong><label>You are <select id="you">${people}</select></label></div>
<div class="layout">
<nav aria-label="Channels">${place(MAIN_CHANNEL.id, `# ${MAIN_CHANNEL.name}`)}${place(directChannel(user).id, BOT.name)}${place('home', `${BOT.name}: home`)}</nav>
<main>
<h1>${title}</h1>
<div id="scroll" tabindex="0" role="region" aria-label="Messages"><div id="messages" role="log" aria-live="polite" aria-busy="true"></div><div id="home"></div></div>
${isHome ? undefined : composer(title)}
</main>
</div>
<div id="notices" role="alert"></div>
<dialog id="modal" aria-labelledby="modal-title" aria-modal="true"></dialog>
<dialog id="confirm" aria-labelledby="confirm-title" aria-modal="true"></dialog>
</body>
</html>
`.markup;
}

const placeTitle = (channel: string) => (channel === MAIN_CHANNEL.id ? `# ${MAIN_CHANNEL.name}` : BOT.name);

const composer = (title: string): Html =>
  html`<form id="composer"><label class="hidden" for="say">Message ${title}</label><input id="say" type="text" autocomplete="off" placeholder="Message ${title}, or /medic help" maxlength="3000"><button type="submit" class="button primary">Send</button></form>`;
