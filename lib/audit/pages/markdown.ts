import { lexer, type MarkedToken, type Token, type Tokens } from 'marked';
import { type Html, html } from './html.ts';
import { table } from './parts.ts';

/**
 * Markdown as markup of ours. The library only says what is what: every text goes through `html`, so that neither markup
 * in the file nor a link with another scheme survives. What is not known here is shown as it was written.
 */
export const markdown = (text: string): Html => html`${lexer(text).map(block)}`;

function block(token: Token): Html | undefined {
  if (!isMarked(token)) return html`<p>${token.raw}</p>`;
  switch (token.type) {
    case 'space':
    case 'def':
      return undefined;
    case 'heading':
      return heading(token);
    case 'paragraph':
      return html`<p>${inlines(token.tokens)}</p>`;
    case 'text':
      return html`${token.tokens === undefined ? words(token.text) : inlines(token.tokens)}`;
    case 'list':
      return list(token);
    case 'blockquote':
      return html`<blockquote>${token.tokens.map(block)}</blockquote>`;
    case 'code':
      return html`<pre><code>${codeLines(token.text)}</code></pre>`;
    case 'hr':
      return html`<hr>`;
    case 'table': {
      const cells = (row: readonly Tokens.TableCell[]) => row.map((cell) => html`${inlines(cell.tokens)}`);
      return table(
        token.header.map(({ text }) => text),
        token.rows.map(cells),
      );
    }
    default:
      return html`<p>${token.raw}</p>`;
  }
}

const heading = ({ depth, tokens }: Tokens.Heading): Html => {
  if (depth === 1) return html`<h1>${inlines(tokens)}</h1>`;
  return depth === 2 ? html`<h2>${inlines(tokens)}</h2>` : html`<h3>${inlines(tokens)}</h3>`;
};

function list({ ordered, items }: Tokens.List): Html {
  const lines = items.map((item) => html`<li>${item.tokens.map(block)}</li>`);
  return ordered ? html`<ol>${lines}</ol>` : html`<ul>${lines}</ul>`;
}

const inlines = (tokens: readonly Token[]): readonly Html[] => tokens.map(inline);

function inline(token: Token): Html {
  if (!isMarked(token)) return words(token.raw);
  switch (token.type) {
    case 'text':
      return token.tokens === undefined ? words(token.text) : html`${inlines(token.tokens)}`;
    case 'escape':
      return words(token.text);
    case 'codespan':
      return html`<code>${token.text}</code>`;
    case 'strong':
      return html`<b>${inlines(token.tokens)}</b>`;
    case 'em':
      return html`<i>${inlines(token.tokens)}</i>`;
    case 'br':
      return html`<br>`;
    case 'link': {
      const address = addressOf(token.href);
      return address === undefined
        ? html`${inlines(token.tokens)}`
        : html`<a href="${address}">${inlines(token.tokens)}</a>`;
    }
    default:
      return words(token.raw);
  }
}

/** Out to the web, or to another of these pages (`etcd_member_removed.md`). */
function addressOf(href: string): string | undefined {
  const page = /^(?:\.\/)?([a-z0-9_-]{1,64})\.md$/.exec(href)?.[1];
  if (page !== undefined) return `/playbooks/${page}`;
  return /^https?:\/\//.test(href) && URL.canParse(href) ? href : undefined;
}

/** `html` trims a text, but the blank before bold words is part of the sentence. */
const words = (text: string): Html => {
  const [before, after] = [/^\s/, /\s$/].map((blank) => (blank.test(text) ? html` ` : undefined));
  return html`${before}${text}${text.trim() === '' ? undefined : after}`;
};

const codeLines = (text: string): readonly Html[] =>
  text.split('\n').map((line) => {
    const indent = Array.from({ length: line.length - line.trimStart().length }, () => html` `);
    return html`${indent}${line}
`;
  });

const KNOWN: ReadonlySet<string> = new Set<MarkedToken['type']>([
  ...(['space', 'def', 'heading', 'paragraph', 'text', 'list', 'blockquote', 'code', 'hr', 'table'] as const),
  ...(['escape', 'codespan', 'strong', 'em', 'br', 'link', 'html', 'image', 'del', 'checkbox'] as const),
]);
const isMarked = (token: Token): token is MarkedToken => KNOWN.has(token.type);
