import type { Block, Element, InputBlock, Option } from './block-schema.ts';
import { elementsOf } from './check-blocks.ts';

/** What a person typed or chose: block id, then action id, then text, option value or option values. */
export type Typed = Readonly<Record<string, Readonly<Record<string, string | readonly string[] | null>>>>;
/** `state.values` as Slack sends it. */
export type StateValues = Record<string, Record<string, Record<string, unknown>>>;

export const optionsOf = (element: Element): readonly Option[] => {
  if (!('options' in element) && !('option_groups' in element)) return [];
  const groups = 'option_groups' in element ? (element.option_groups ?? []) : [];
  return [...(element.options ?? []), ...groups.flatMap((group) => group.options)];
};

/** Every stateful element with what was entered or, untouched, its initial value. */
export function stateValues(blocks: readonly Block[], typed: Typed): StateValues {
  const values: StateValues = {};
  for (const block of blocks) {
    for (const element of elementsOf(block)) {
      if (element.type === 'button' || element.type === 'overflow') continue;
      const blockId = block.block_id ?? '';
      const actionId = element.action_id ?? '';
      values[blockId] = { ...values[blockId], [actionId]: enteredValue(element, typed[blockId]?.[actionId]) };
    }
  }
  return values;
}

/** One element's value in Slack's shape. `entered` undefined: not touched. */
export function enteredValue(element: Element, entered: string | readonly string[] | null | undefined) {
  const { type } = element;
  const one = typeof entered === 'string' ? entered : (entered?.[0] ?? null);
  const optionWith = (value: string | null) => optionsOf(element).find((option) => option.value === value) ?? null;
  switch (type) {
    case 'plain_text_input':
      return { type, value: entered === undefined ? (element.initial_value ?? null) : one || null };
    case 'static_select':
    case 'radio_buttons':
      return { type, selected_option: entered === undefined ? (element.initial_option ?? null) : optionWith(one) };
    case 'users_select':
      return { type, selected_user: entered === undefined ? (element.initial_user ?? null) : one || null };
    case 'checkboxes': {
      const all = typeof entered === 'string' ? [entered] : (entered ?? []);
      const chosen = optionsOf(element).filter((option) => all.includes(option.value));
      return { type, selected_options: entered === undefined ? (element.initial_options ?? []) : chosen };
    }
    case 'button':
      return { type, value: element.value };
    case 'overflow':
      return { type, selected_option: optionWith(one) };
  }
}

/** What Slack's own client refuses to send, by block id: required fields and lengths. */
export function fieldErrors(blocks: readonly Block[], values: StateValues): Record<string, string> {
  const inputs = blocks.filter((block): block is InputBlock => block.type === 'input');
  const wrong = inputs.flatMap((block): [string, string][] => {
    const blockId = block.block_id ?? '';
    const value = values[blockId]?.[block.element.action_id ?? ''] ?? {};
    const says = fieldError(block, value);
    return says === undefined ? [] : [[blockId, says]];
  });
  return Object.fromEntries(wrong);
}

function fieldError({ element, optional }: InputBlock, value: Record<string, unknown>): string | undefined {
  const entered = value['value'] ?? value['selected_option'] ?? value['selected_user'] ?? value['selected_options'];
  const isEmpty = entered === null || entered === undefined || (Array.isArray(entered) && entered.length === 0);
  if (isEmpty) return optional ? undefined : 'Please complete this required field.';
  if (element.type !== 'plain_text_input' || typeof entered !== 'string') return undefined;
  const { min_length: min = 0, max_length: max = 3000 } = element;
  if (entered.length < min) return `This entry must be at least ${min} characters.`;
  if (entered.length > max) return `This entry must be at most ${max} characters.`;
  return undefined;
}
