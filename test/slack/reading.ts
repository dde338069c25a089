import * as z from 'zod';

/** What a person reads of blocks, and what they can press. */
const Text = z.object({ type: z.string(), text: z.string() });
const Element = z.looseObject({
  type: z.string(),
  text: z.union([Text, z.string()]).optional(),
  action_id: z.string().optional(),
  style: z.string().optional(),
  value: z.string().optional(),
  options: z.array(z.object({ text: Text, value: z.string() })).optional(),
});
const Blocks = z.array(
  z.looseObject({
    type: z.string(),
    block_id: z.string().optional(),
    text: Text.optional(),
    label: Text.optional(),
    optional: z.boolean().optional(),
    elements: z.array(Element).optional(),
    accessory: Element.optional(),
  }),
);

export function textOf(blocks: unknown): string {
  return Blocks.parse(blocks)
    .flatMap((block) => [
      block.text?.text,
      block.label?.text,
      ...(block.elements ?? []).map(({ text }) => (typeof text === 'string' ? text : text?.text)),
    ])
    .filter((text) => text !== undefined)
    .join('\n');
}

export const buttonsOf = (blocks: unknown) =>
  Blocks.parse(blocks)
    .flatMap((block) => [...(block.accessory ? [block.accessory] : []), ...(block.elements ?? [])])
    .filter(({ type }) => type === 'button')
    .map(({ action_id, text, style, value }) => ({
      id: action_id,
      text: typeof text === 'string' ? text : text?.text,
      style,
      value,
    }));

export const menuOf = (blocks: unknown): readonly string[] =>
  Blocks.parse(blocks)
    .flatMap(({ elements }) => elements ?? [])
    .flatMap(({ options }) => options ?? [])
    .map(({ text }) => text.text);

export const inputsOf = (blocks: unknown) =>
  Blocks.parse(blocks)
    .filter(({ type }) => type === 'input')
    .map(({ block_id, optional }) => `${block_id}${optional ? '?' : ''}`);
