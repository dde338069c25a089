import { type Html, html } from '../../lib/audit/pages/html.ts';
import { tag } from '../../lib/audit/pages/parts.ts';
import { clock, timeTag, utc } from '../../lib/audit/pages/time.ts';
import type { JournalLine } from '../../simulator/world.ts';

/** `lines` oldest first, as in the file; `total` counts the older ones as well. */
export type CallsShown = { readonly total: number; readonly lines: readonly JournalLine[] };

const REQUEST_CHARACTERS = 400;

/** The journal of the nodes: who wanted to change what, when, and what came of it. */
export function callsSection({ total, lines }: CallsShown): Html {
  const cut = `The newest ${lines.length} of ${total} stand here; all of them are in world/journal.jsonl of the data folder.`;
  return html`<section id="calls"><h2>Calls that change something</h2>
<p class="soft">Every call that reached a node and would change it, newest first, as the nodes wrote it down before anything happened. ${total > lines.length ? cut : undefined}</p>
${lines.length === 0 ? html`<p class="soft">None so far.</p>` : html`<ul class="calls">${[...lines].reverse().map(callRow)}</ul>`}</section>`;
}

const callRow = ({ at, node, method, roles, request, dryRun, outcome }: JournalLine): Html =>
  html`<li><div class="when">${timeTag(at, clock(at))}<span class="soft">${utc(at).slice(0, 10)}</span></div>
<div><b>${node}</b> ${method} ${dryRun ? tag('dry run', 'plain') : undefined} <span class="soft">${roles.length === 0 ? 'without a certificate' : `by ${roles.join(', ')}`}</span>
<code class="soft">${short(JSON.stringify(request))}</code></div>
<div>${outcome === 'accepted' ? tag(outcome, 'good') : html`${tag('refused', 'bad')} <span class="small">${outcome}</span>`}</div></li>`;

const short = (text: string) => (text.length <= REQUEST_CHARACTERS ? text : `${text.slice(0, REQUEST_CHARACTERS)}…`);
