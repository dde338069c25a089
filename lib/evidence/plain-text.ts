/**
 * Text that somebody else wrote (a node, a label, a name), made harmless for terminals, pages and Slack alike: one
 * line, nothing invisible, nothing that changes direction or colour. What is taken out leaves a visible mark.
 */
export function plainText(text: string, { maxLength }: { readonly maxLength?: number } = {}): string {
  const clean = text
    .replace(EMOJI_STYLE, '')
    .replace(WHITE_SPACE, ' ')
    .replace(UNSEEN, MARK)
    .replace(PILED_MARKS, '$1')
    .trim();
  return maxLength === undefined ? clean : cut(clean, maxLength);
}

/**
 * `plainText`, and also no formatting, link, mention or emoji in Slack's mrkdwn. Slack knows no escape for its
 * markup, so these characters are replaced by others that look like them. A bare domain would still become a link:
 * say `verbatim: true` in the text object. Source: docs.slack.dev, "Formatting message text".
 */
export function slackText(text: string, options: { readonly maxLength?: number } = {}): string {
  return plainText(text, options)
    .replace(/[*~`@#]/g, (character) => LOOK_ALIKES[character] ?? MARK)
    .replace(LONE_UNDERSCORE, '\u02cd')
    .replace(/:\/\//g, ':\u2215\u2215')
    .replace(EMOJI, (whole: string, name: string) => (NUMERIC.test(name) ? whole : `\ua789${name}`))
    .replace(/^[>\s]+/, (quote) => quote.replaceAll('>', '\u203a'))
    .replace(/[&<>]/g, (character) => ENTITIES[character] ?? MARK);
}

const MARK = '\ufffd';
/** Say whether the character before is drawn in colour; nothing hides in them. */
const EMOJI_STYLE = /[\ufe0e\ufe0f]/g;
const WHITE_SPACE = /[\s\u0085]+/g;
/** Control, bidi and zero-width characters, lone surrogates, private and unassigned ones. */
const UNSEEN = /[\p{C}\p{Default_Ignorable_Code_Point}]/gu;
/** Accents on accents climb over the lines above. Two on one letter are enough for every language. */
const PILED_MARKS = /(\p{M}{2})\p{M}+/gu;

const LOOK_ALIKES: Readonly<Record<string, string>> = {
  '*': '\u2217',
  '~': '\u223c',
  '`': '\u02cb',
  '@': '\uff20',
  '#': '\uff03',
};
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
/** Slack formats by underscores at the edge of a word; within one (`state_missing`) they stay what they are. */
const LONE_UNDERSCORE = /(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g;
const EMOJI = /:([a-z0-9_+-]{1,100})(?=:)/gi;
/** Times, MAC and IPv6 addresses keep their colons. */
const NUMERIC = /^[0-9a-f]+$/i;

/** At most `maxLength` UTF-16 units, the ellipsis included, and no half of a character. */
function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  if (maxLength < 1) return '';
  const end = maxLength - 1;
  const isHalf = /[\ud800-\udbff]/.test(text.charAt(end - 1));
  return `${text.slice(0, isHalf ? end - 1 : end).trimEnd()}…`;
}
