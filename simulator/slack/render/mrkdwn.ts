import type { Text } from '../block-schema.ts';
import { displayName, findChannel, USER_GROUPS } from '../people.ts';
import { emoji } from './emoji.ts';
import { Html, html } from './html.ts';

/**
 * Slack's mrkdwn as HTML. The text is hostile: senders escape `&`, `<` and `>`; whatever else looks like markup and is
 * not Slack's is shown as it was written.
 */
const TOKEN =
  /```([^`]+(?:`{1,2}[^`]+)*)```|`([^`\n]+)`|<([^<>\n]+)>|(?<![\w*])\*([^*\s](?:[^*\n]*[^*\s])?)\*(?![\w*])|(?<!\w)_([^_\s](?:[^_\n]*[^_\s])?)_(?!\w)|(?<![\w~])~([^~\s](?:[^~\n]*[^~\s])?)~(?![\w~])|:([a-z0-9_+-]{1,40}):|\n/g;

export function mrkdwn(text: string): Html {
  const groups = quoteGroups(text);
  return html`${groups.map(({ isQuote, lines }) => {
    const content = inline(lines.join('\n'));
    return isQuote ? html`<blockquote>${content}</blockquote>` : content;
  })}`;
}

export const textObject = (text: Text): Html =>
  text.type === 'mrkdwn' ? mrkdwn(text.text) : plainText(text.text, text.emoji ?? true);

export const plainText = (text: string, withEmoji = true): Html =>
  html`${text
    .split('\n')
    .map((line, at) => html`${at === 0 ? new Html('') : html`<br>`}${withEmoji ? shortcodes(line) : line}`)}`;

/** As text alone: for labels, attributes and options. */
export const bareText = (text: Text): string => shortcodes(text.type === 'mrkdwn' ? decode(text.text) : text.text);

const shortcodes = (text: string) => text.replace(/:([a-z0-9_+-]{1,40}):/g, (_all, name: string) => emoji(name));

/** Lines that begin with `>` (which arrives escaped) are quoted; code fences are left alone. */
function quoteGroups(text: string): readonly { isQuote: boolean; lines: string[] }[] {
  const groups: { isQuote: boolean; lines: string[] }[] = [];
  let isFenced = false;
  for (const line of text.split('\n')) {
    const quoted = isFenced ? undefined : /^(?:&gt;|>) ?(.*)$/.exec(line)?.[1];
    const last = groups.at(-1);
    const isQuote = quoted !== undefined;
    if (last && last.isQuote === isQuote) last.lines.push(quoted ?? line);
    else groups.push({ isQuote, lines: [quoted ?? line] });
    if ((line.split('```').length - 1) % 2 === 1) isFenced = !isFenced;
  }
  return groups;
}

function inline(text: string): Html {
  const parts: Html[] = [];
  let at = 0;
  for (const found of text.matchAll(TOKEN)) {
    parts.push(html`${decode(text.slice(at, found.index))}`, token(found));
    at = found.index + found[0].length;
  }
  return html`${[...parts, html`${decode(text.slice(at))}`]}`;
}

function token([all, fence, code, angle, bold, italic, strike, name]: RegExpMatchArray): Html {
  if (fence !== undefined) return html`<pre>${decode(fence.replace(/^\n|\n$/g, ''))}</pre>`;
  if (code !== undefined) return html`<code>${decode(code)}</code>`;
  if (angle !== undefined) return angled(angle);
  if (bold !== undefined) return html`<strong>${inline(bold)}</strong>`;
  if (italic !== undefined) return html`<em>${inline(italic)}</em>`;
  if (strike !== undefined) return html`<s>${inline(strike)}</s>`;
  if (name !== undefined) return html`${emoji(name)}`;
  return all === '\n' ? html`<br>` : html`${decode(all)}`;
}

/** `<@U…>`, `<#C…>`, `<!date^…>`, `<!here>` and links. */
function angled(inside: string): Html {
  const [target = '', label] = splitOnce(inside, '|');
  if (target.startsWith('@')) return mention(displayName(target.slice(1)));
  if (target.startsWith('#')) return channelName(target.slice(1), label);
  if (target.startsWith('!date^')) return date(target.split('^'), label);
  if (target.startsWith('!subteam^')) return userGroup(target.slice('!subteam^'.length));
  if (/^!(here|channel|everyone)$/.test(target)) return mention(target.slice(1));
  return link(decode(target), label === undefined ? undefined : inline(label));
}

export const mention = (name: string): Html => html`<span class="mention">@${name}</span>`;
export const userGroup = (id: string): Html => mention(USER_GROUPS.find((group) => group.id === id)?.handle ?? id);
export const channelName = (id: string, label?: string): Html =>
  html`<span class="mention">#${label || (findChannel(id)?.name ?? id)}</span>`;

/** Only addresses that a browser may open without harm; anything else stays text. */
export function link(url: string, label?: Html): Html {
  if (!/^(https?:\/\/|mailto:)/i.test(url)) return html`&lt;${url}&gt;`;
  return html`<a href="${url}" target="_blank" rel="noopener noreferrer">${label ?? url}</a>`;
}

/** The page's script writes it in the reader's own time zone; without the script the fallback stays. */
function date([, seconds = '', format = '', url]: readonly string[], fallback = ''): Html {
  if (!/^\d{1,11}$/.test(seconds)) return html`${decode(fallback)}`;
  const shown = dateElement(Number(seconds), format, decode(fallback));
  return url === undefined ? shown : link(decode(url), shown);
}

export function dateElement(epochS: number, format: string, fallback: string): Html {
  const iso = new Date(epochS * 1000).toISOString();
  return html`<time datetime="${iso}" data-format="${format}">${fallback}</time>`;
}

function splitOnce(text: string, separator: string): readonly [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

const decode = (text: string) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
