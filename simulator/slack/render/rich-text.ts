import type { RichElement, RichInline } from '../block-schema.ts';
import { displayName } from '../people.ts';
import { emoji } from './emoji.ts';
import { type Html, html } from './html.ts';
import { channelName, dateElement, link, mention, plainText, userGroup } from './mrkdwn.ts';

export const richText = (elements: readonly RichElement[]): Html => html`${elements.map(element)}`;

function element(part: RichElement): Html {
  switch (part.type) {
    case 'rich_text_section':
      return html`<p>${part.elements.map(inline)}</p>`;
    case 'rich_text_preformatted':
      return html`<pre>${part.elements.map(inline)}</pre>`;
    case 'rich_text_quote':
      return html`<blockquote>${part.elements.map(inline)}</blockquote>`;
    case 'rich_text_list': {
      const items = part.elements.map((one) => html`<li>${one.elements.map(inline)}</li>`);
      return part.style === 'ordered' ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`;
    }
  }
}

function inline(part: RichInline): Html {
  const { style } = part;
  const code = style?.code ? html`<code>${content(part)}</code>` : content(part);
  const struck = style?.strike ? html`<s>${code}</s>` : code;
  const slanted = style?.italic ? html`<em>${struck}</em>` : struck;
  return style?.bold ? html`<strong>${slanted}</strong>` : slanted;
}

function content(part: RichInline): Html {
  switch (part.type) {
    case 'text':
      return plainText(part.text, false);
    case 'link':
      return link(part.url, part.text === undefined ? undefined : html`${part.text}`);
    case 'emoji':
      return html`${emoji(part.name)}`;
    case 'user':
      return mention(displayName(part.user_id));
    case 'channel':
      return channelName(part.channel_id);
    case 'usergroup':
      return userGroup(part.usergroup_id);
    case 'broadcast':
      return mention(part.range);
    case 'date':
      return dateElement(part.timestamp, part.format, part.fallback ?? '');
  }
}
