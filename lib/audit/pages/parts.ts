import type { Check } from '../../incidents/event.ts';
import type { Detail } from './event-text.ts';
import { type Html, html } from './html.ts';
import { type Tone, toneOf } from './words.ts';

/** Small pieces that more than one page is built from. */
export const tag = (word: string, tone: Tone = toneOf(word)): Html => html`<span class="tag ${tone}">${word}</span>`;

export const facts = (rows: readonly Detail[], size: 'normal' | 'small' = 'normal'): Html =>
  html`<dl class="facts ${size}">${rows.map(({ label, text }) => html`<dt>${label}</dt><dd>${text}</dd>`)}</dl>`;

export const lines = (items: readonly string[]): Html => html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;

export const more = (summary: string, body: Html): Html =>
  html`<details><summary>${summary}</summary>${body}</details>`;

export const table = (heads: readonly string[], rows: readonly (readonly (string | Html)[])[]): Html =>
  html`<div class="scroll"><table><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map((cell, n) => html`<td${n === 0 ? FIRST : undefined}>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
const FIRST = html` class="first"`;

export const checksTable = (checks: readonly Check[]): Html =>
  table(
    ['Check', 'Holds', 'What was read'],
    checks.map(({ name, answer, says }) => [name, tag(answer), says]),
  );
