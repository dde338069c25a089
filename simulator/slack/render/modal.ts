import type { OpenView } from '../model.ts';
import { renderBlocks } from './blocks.ts';
import { type Html, html } from './html.ts';
import { plainText } from './mrkdwn.ts';

/** The inside of the dialog. The page's script puts it there, moves the focus in and keeps what was typed. */
export function renderModal({ id, view }: OpenView): Html {
  if (view.type !== 'modal') return html``;
  const disabled = view.submit_disabled ? html` disabled` : undefined;
  const submit =
    view.submit &&
    html`<button type="submit" class="button primary"${disabled}>${plainText(view.submit.text)}</button>`;
  return html`<form class="modal" data-view="${id}" novalidate>
<header><h2 id="modal-title" tabindex="-1">${plainText(view.title.text)}</h2><button type="button" class="close" data-close aria-label="Close">✕</button></header>
<div class="modal-body">${renderBlocks(view.blocks, id)}</div>
<footer><button type="button" class="button default" data-close>${plainText(view.close?.text ?? (view.submit ? 'Cancel' : 'Close'))}</button>${submit}</footer>
</form>`;
}
