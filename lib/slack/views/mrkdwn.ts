import { plainText, slackText } from '../../evidence/plain-text.ts';

/** Text from outside, fit for mrkdwn: it can neither format, link nor ping. `max` counts what Slack counts. */
export function outside(text: string, max: number): string {
  return cut(slackText(text), max);
}

/**
 * Sentences of our own rooms that name people as `<@U…>` (who can approve): mentions stay, everything else is text from
 * outside. Only for what notifies nobody: ephemeral messages, modals, edits of a card.
 */
export const withMentions = (text: string, max: number): string =>
  outside(text, max).replace(/&lt;\uff20([UW][A-Z0-9_]{1,30})&gt;/g, '<@$1>');

/** Text from outside for `plain_text` objects and labels. */
export function outsidePlain(text: string, max: number): string {
  return cut(plainText(text), max);
}

/** Shortens without leaving half an entity or half a surrogate pair. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = text.slice(0, max - 1).replace(/&[a-z#0-9]{0,6}$/, '');
  return `${kept.replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** A moment in the reader's own time zone; UTC where Slack cannot show one. */
export function when(iso: string): string {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) return outside(iso, 40);
  const utc = new Date(ms).toISOString();
  return `<!date^${Math.floor(ms / 1000)}^{date_short_pretty} {time}|${utc.slice(0, 10)} ${utc.slice(11, 16)} UTC>`;
}

/** A link of our own; an address that is none is left out. */
export function link(address: string, label: string): string {
  if (!URL.canParse(address)) return label;
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return label;
  return `<${url.href.replace(/[|<>]/g, encodeURIComponent).replaceAll('&', '&amp;')}|${label}>`;
}

/** One full stop at the end, whoever wrote the sentence. */
export const sentence = (text: string): string => (text === '' || /[.…!?}]$/.test(text) ? text : `${text}.`);
