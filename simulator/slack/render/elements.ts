import type { ButtonElement, Element, Option, OverflowElement } from '../block-schema.ts';
import { PEOPLE } from '../people.ts';
import { attr, type Html, html } from './html.ts';
import { bareText, plainText, textObject } from './mrkdwn.ts';

/** Where an element stands: its block, and whether its value goes with a submission or is sent at once. */
export type Place = { readonly scope: string; readonly blockId: string; readonly isInput: boolean };

/** Attributes by which the page's script and tests find an element. */
const hooks = ({ action_id }: Element, { blockId, isInput }: Place): Html =>
  html`${attr('data-action-id', action_id ?? '')}${attr('data-block-id', blockId)}${attr('data-input', isInput)}`;
const confirmation = (element: Element): Html => {
  const dialog = 'confirm' in element ? element.confirm : undefined;
  if (!dialog) return html``;
  const { title, text, confirm, deny, style } = dialog;
  const words = { title, text, confirm, deny };
  const shown = Object.fromEntries(Object.entries(words).map(([name, value]) => [name, bareText(value)]));
  return attr('data-confirm', JSON.stringify({ ...shown, style: style ?? 'primary' }));
};

export const fieldId = (element: Element, { scope, blockId }: Place) =>
  `${scope}-${blockId}-${element.action_id ?? ''}`;

/** `described`: id of the hint or the error below it. */
export function renderElement(element: Element, place: Place, described?: string): Html {
  switch (element.type) {
    case 'button':
      return button(element, place);
    case 'overflow':
      return overflow(element, place);
    case 'static_select': {
      const groups = element.option_groups?.map(
        ({ label, options }) =>
          html`<optgroup label="${label.text}">${options.map((one) => choice(one, element.initial_option))}</optgroup>`,
      );
      const options = element.options?.map((one) => choice(one, element.initial_option)) ?? [];
      return select(element, place, described, element.placeholder?.text, html`${options}${groups ?? []}`);
    }
    case 'users_select': {
      const options = PEOPLE.filter((one) => !one.isDeactivated).map(
        ({ id, name }) => html`<option value="${id}"${attr('selected', id === element.initial_user)}>${name}</option>`,
      );
      return select(element, place, described, element.placeholder?.text, html`${options}`);
    }
    case 'radio_buttons': {
      const chosen = element.initial_option ? [element.initial_option.value] : [];
      return choices(element, place, 'radio', element.options, chosen, described);
    }
    case 'checkboxes': {
      const chosen = (element.initial_options ?? []).map((one) => one.value);
      return choices(element, place, 'checkbox', element.options, chosen, described);
    }
    case 'plain_text_input': {
      const { initial_value: value = '', max_length: max, placeholder, focus_on_load: focus } = element;
      const common = html` id="${fieldId(element, place)}"${hooks(element, place)}${attr('maxlength', max)}${attr('placeholder', placeholder?.text)}${attr('aria-describedby', described)}${attr('data-autofocus', focus)}`;
      if (element.multiline) return html`<textarea rows="4"${common}>${`\n${value}`}</textarea>`;
      return html`<input type="text" autocomplete="off" spellcheck="false"${common} value="${value}">`;
    }
  }
}

function button(element: ButtonElement, place: Place): Html {
  const style = element.style ?? 'default';
  const label = element.accessibility_label;
  return html`<button type="button" class="button ${style}"${hooks(element, place)}${attr('data-value', element.value)}${attr('data-url', element.url)}${attr('aria-label', label)}${confirmation(element)}>${plainText(element.text.text)}</button>`;
}

function overflow(element: OverflowElement, place: Place): Html {
  const items = element.options.map(
    (option) =>
      html`<button type="button" role="menuitem"${hooks(element, place)} data-value="${option.value}"${attr('data-url', option.url)}${confirmation(element)}>${textObject(option.text)}${option.description ? html`<small>${textObject(option.description)}</small>` : undefined}</button>`,
  );
  return html`<details class="overflow"><summary class="button default" aria-label="More actions" title="More actions">⋯</summary><div role="menu">${items}</div></details>`;
}

function select(
  element: Element,
  place: Place,
  described: string | undefined,
  placeholder: string | undefined,
  options: Html,
) {
  const label = place.isInput ? undefined : (placeholder ?? 'Choose');
  return html`<select id="${fieldId(element, place)}"${hooks(element, place)}${attr('aria-label', label)}${attr('aria-describedby', described)}${confirmation(element)}><option value="">${placeholder ?? 'Select an option'}</option>${options}</select>`;
}

const choice = (option: Option, initial: Option | undefined): Html =>
  html`<option value="${option.value}"${attr('selected', option.value === initial?.value)}>${bareText(option.text)}</option>`;

function choices(
  element: Element,
  place: Place,
  type: 'radio' | 'checkbox',
  options: readonly Option[],
  chosen: readonly string[],
  described: string | undefined,
): Html {
  const id = fieldId(element, place);
  const items = options.map(
    (option) =>
      html`<label class="choice"><input type="${type}" name="${id}" value="${option.value}"${attr('checked', chosen.includes(option.value))}><span>${textObject(option.text)}${option.description ? html`<small>${textObject(option.description)}</small>` : undefined}</span></label>`,
  );
  const role = type === 'radio' ? 'radiogroup' : 'group';
  const label = place.isInput ? attr('aria-labelledby', `${id}-label`) : attr('aria-label', 'Options');
  return html`<div class="choices" role="${role}" id="${id}"${label}${hooks(element, place)}${attr('aria-describedby', described)}${confirmation(element)}>${items}</div>`;
}
