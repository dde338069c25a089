import type { Message } from '../model.ts';
import { BOT, displayName } from '../people.ts';
import { renderBlocks } from './blocks.ts';
import { emoji } from './emoji.ts';
import { attr, type Html, html } from './html.ts';
import { dateElement, mrkdwn } from './mrkdwn.ts';

/** One message with its replies below it. */
export function renderMessage(message: Message, replies: readonly Message[]): Html {
  const word = replies.length === 1 ? 'reply' : 'replies';
  const thread =
    replies.length === 0
      ? undefined
      : html`<details class="thread" data-thread="${message.ts}"><summary>${replies.length} ${word}</summary>${replies.map((reply) => article(reply))}</details>`;
  return article(message, thread);
}

function article(message: Message, thread?: Html): Html {
  const { channel, ts, user, text, blocks, editedTs, ephemeralFor, reactions } = message;
  const isBot = user === BOT.userId;
  const name = displayName(user);
  const content = blocks ? renderBlocks(blocks, `m-${ts}`) : html`<div class="block">${mrkdwn(text)}</div>`;
  const edited = editedTs === undefined ? undefined : html` <span class="edited">(edited)</span>`;
  const isPrivate = ephemeralFor !== undefined;
  return html`<article class="message${isPrivate ? ' private' : ''}" data-ts="${ts}" data-channel="${channel}"${attr('data-ephemeral', isPrivate)} aria-label="${name}">
<div class="avatar${isBot ? ' bot' : ''}" aria-hidden="true">${isBot ? '✚' : name.slice(0, 1)}</div>
<div class="body">${isPrivate ? html`<div class="only">Only visible to you</div>` : undefined}<header><strong>${name}</strong>${isBot ? html` <span class="app">APP</span>` : undefined} ${dateElement(Math.floor(Number(ts)), '{time}', '')}</header>
<div class="content">${content}${edited}</div>${
    reactions.length === 0
      ? undefined
      : html`<div class="reactions">${reactions.map((one) => html`<span title=":${one}:">${emoji(one)} 1</span>`)}</div>`
  }${thread}</div></article>`;
}
