import type { Block, InputBlock } from '../block-schema.ts';
import { fieldId, type Place, renderElement } from './elements.ts';
import { attr, type Html, html } from './html.ts';
import { mrkdwn, plainText, textObject } from './mrkdwn.ts';
import { richText } from './rich-text.ts';

/** `scope`: unique on the page, so that the same block ids in two places do not clash. */
export const renderBlocks = (blocks: readonly Block[], scope: string): Html =>
  html`${blocks.map((block) => renderBlock(block, scope))}`;

function renderBlock(block: Block, scope: string): Html {
  const place: Place = { scope, blockId: block.block_id ?? '', isInput: block.type === 'input' };
  switch (block.type) {
    case 'header':
      return html`<h3 class="block">${plainText(block.text.text)}</h3>`;
    case 'section': {
      const fields = block.fields?.map((field) => html`<div>${textObject(field)}</div>`);
      const side =
        block.accessory?.type === 'image'
          ? image(block.accessory.image_url, block.accessory.alt_text)
          : block.accessory && renderElement(block.accessory, place);
      return html`<div class="block section"><div class="text">${block.text && html`<div>${textObject(block.text)}</div>`}${fields && html`<div class="fields">${fields}</div>`}</div>${side && html`<div class="accessory">${side}</div>`}</div>`;
    }
    case 'context': {
      const parts = block.elements.map((one) =>
        one.type === 'image' ? image(one.image_url, one.alt_text) : html`<span>${textObject(one)}</span>`,
      );
      return html`<div class="block context">${parts}</div>`;
    }
    case 'actions':
      return html`<div class="block actions">${block.elements.map((one) => renderElement(one, place))}</div>`;
    case 'divider':
      return html`<hr class="block">`;
    case 'image':
      return html`<figure class="block">${image(block.image_url, block.alt_text)}</figure>`;
    case 'input':
      return input(block, place);
    case 'rich_text':
      return html`<div class="block rich">${richText(block.elements)}</div>`;
    case 'markdown':
      return html`<div class="block">${mrkdwn(block.text.replaceAll('**', '*'))}</div>`;
  }
}

/** Nothing is loaded from elsewhere: a picture is shown as its description. */
const image = (_url: string, alt: string): Html =>
  html`<span class="picture" role="img" aria-label="${alt}">${alt}</span>`;

function input(block: InputBlock, place: Place): Html {
  const { element, label, hint, optional, dispatch_action: dispatch } = block;
  const id = fieldId(element, place);
  const isGroup = element.type === 'radio_buttons' || element.type === 'checkboxes';
  const words = html`${plainText(label.text)}${optional ? html` <span class="optional">(optional)</span>` : undefined}`;
  const title = isGroup
    ? html`<div class="label" id="${id}-label">${words}</div>`
    : html`<label class="label" id="${id}-label" for="${id}">${words}</label>`;
  const below = hint && html`<p class="hint">${plainText(hint.text)}</p>`;
  return html`<div class="block field" data-field="${place.blockId}"${attr('data-dispatch', dispatch)}>${title}${renderElement(element, place, `${id}-note`)}<div id="${id}-note">${below}<p class="error" role="alert" hidden></p></div></div>`;
}
