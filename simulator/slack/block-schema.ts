import * as z from 'zod';

/**
 * Block Kit as far as this local Slack draws it, with Slack's limits. Lengths are characters, counts are items.
 * Source: comments of `@slack/types` 3.2.0 and Slack's Block Kit reference. Unknown properties are refused, as Slack does.
 * Newer blocks (`alert`, `card`, `table` ...) are refused: clients that lack them exist, and this is one of them.
 */
const Id = z.string().max(255).optional();
const flag = z.boolean().optional();

const plain = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(max), emoji: flag });
const mrkdwn = (max: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(max), verbatim: flag });
const text = (max: number) => z.discriminatedUnion('type', [plain(max), mrkdwn(max)]);
export type Text = z.infer<ReturnType<typeof text>>;

const Confirm = z.strictObject({
  title: plain(100),
  text: text(300),
  confirm: plain(30),
  deny: plain(30),
  style: z.enum(['primary', 'danger']).optional(),
});
export type Confirm = z.infer<typeof Confirm>;

const Option = z.strictObject({
  text: text(75),
  value: z.string().max(75),
  description: text(75).optional(),
  url: z.string().max(3000).optional(),
});
export type Option = z.infer<typeof Option>;
const OptionGroup = z.strictObject({ label: plain(75), options: z.array(Option).min(1).max(100) });

const Button = z.strictObject({
  type: z.literal('button'),
  text: plain(75),
  action_id: Id,
  url: z.string().max(3000).optional(),
  value: z.string().max(2000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
  confirm: Confirm.optional(),
  accessibility_label: z.string().max(75).optional(),
});
const Overflow = z.strictObject({
  type: z.literal('overflow'),
  action_id: Id,
  options: z.array(Option).min(1).max(5),
  confirm: Confirm.optional(),
});
const StaticSelect = z
  .strictObject({
    type: z.literal('static_select'),
    action_id: Id,
    placeholder: plain(150).optional(),
    options: z.array(Option).min(1).max(100).optional(),
    option_groups: z.array(OptionGroup).min(1).max(100).optional(),
    initial_option: Option.optional(),
    confirm: Confirm.optional(),
    focus_on_load: flag,
  })
  .refine((select) => (select.options === undefined) !== (select.option_groups === undefined), {
    error: 'must have exactly one of options and option_groups',
  });
const UsersSelect = z.strictObject({
  type: z.literal('users_select'),
  action_id: Id,
  placeholder: plain(150).optional(),
  initial_user: z.string().optional(),
  confirm: Confirm.optional(),
  focus_on_load: flag,
});
const RadioButtons = z.strictObject({
  type: z.literal('radio_buttons'),
  action_id: Id,
  options: z.array(Option).min(1).max(10),
  initial_option: Option.optional(),
  confirm: Confirm.optional(),
  focus_on_load: flag,
});
const Checkboxes = z.strictObject({
  type: z.literal('checkboxes'),
  action_id: Id,
  options: z.array(Option).min(1).max(10),
  initial_options: z.array(Option).min(1).max(10).optional(),
  confirm: Confirm.optional(),
  focus_on_load: flag,
});
const PlainTextInput = z.strictObject({
  type: z.literal('plain_text_input'),
  action_id: Id,
  initial_value: z.string().max(3000).optional(),
  multiline: flag,
  min_length: z.int().min(0).max(3000).optional(),
  max_length: z.int().min(1).max(3000).optional(),
  placeholder: plain(150).optional(),
  focus_on_load: flag,
  dispatch_action_config: z
    .strictObject({ trigger_actions_on: z.array(z.enum(['on_enter_pressed', 'on_character_entered'])).optional() })
    .optional(),
});
const Image = z.strictObject({
  type: z.literal('image'),
  image_url: z.string().max(3000),
  alt_text: z.string().max(2000),
});

const Interactive = z.discriminatedUnion('type', [
  Button,
  Overflow,
  StaticSelect,
  UsersSelect,
  RadioButtons,
  Checkboxes,
]);
const Accessory = z.discriminatedUnion('type', [...Interactive.options, Image]);
const InputElement = z.discriminatedUnion('type', [
  PlainTextInput,
  StaticSelect,
  UsersSelect,
  RadioButtons,
  Checkboxes,
]);
export type Element = z.infer<typeof Interactive> | z.infer<typeof InputElement>;
export type ButtonElement = z.infer<typeof Button>;
export type OverflowElement = z.infer<typeof Overflow>;

const Style = z.strictObject({ bold: flag, italic: flag, strike: flag, code: flag, underline: flag }).optional();
const RichInline = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string(), style: Style }),
  z.strictObject({ type: z.literal('link'), url: z.string(), text: z.string().optional(), style: Style, unsafe: flag }),
  z.strictObject({ type: z.literal('emoji'), name: z.string(), unicode: z.string().optional(), style: Style }),
  z.strictObject({ type: z.literal('user'), user_id: z.string(), style: Style }),
  z.strictObject({ type: z.literal('channel'), channel_id: z.string(), style: Style }),
  z.strictObject({ type: z.literal('usergroup'), usergroup_id: z.string(), style: Style }),
  z.strictObject({ type: z.literal('broadcast'), range: z.enum(['here', 'channel', 'everyone']), style: Style }),
  z.strictObject({
    type: z.literal('date'),
    timestamp: z.int(),
    format: z.string(),
    url: z.string().optional(),
    fallback: z.string().optional(),
    style: Style,
  }),
]);
export type RichInline = z.infer<typeof RichInline>;
const RichSection = z.strictObject({ type: z.literal('rich_text_section'), elements: z.array(RichInline) });
const RichElement = z.discriminatedUnion('type', [
  RichSection,
  z.strictObject({
    type: z.literal('rich_text_preformatted'),
    elements: z.array(RichInline),
    border: z.int().optional(),
    language: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('rich_text_quote'), elements: z.array(RichInline), border: z.int().optional() }),
  z.strictObject({
    type: z.literal('rich_text_list'),
    style: z.enum(['bullet', 'ordered']),
    elements: z.array(RichSection),
    indent: z.int().optional(),
    offset: z.int().optional(),
    border: z.int().optional(),
  }),
]);
export type RichElement = z.infer<typeof RichElement>;

export const Block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('header'), block_id: Id, text: plain(150) }),
  z
    .strictObject({
      type: z.literal('section'),
      block_id: Id,
      text: text(3000).optional(),
      fields: z.array(text(2000)).min(1).max(10).optional(),
      accessory: Accessory.optional(),
      expand: flag,
    })
    .refine((section) => section.text !== undefined || section.fields !== undefined, {
      error: 'must have text or fields',
    }),
  z.strictObject({
    type: z.literal('context'),
    block_id: Id,
    elements: z
      .array(z.discriminatedUnion('type', [plain(3000), mrkdwn(3000), Image]))
      .min(1)
      .max(10),
  }),
  z.strictObject({ type: z.literal('actions'), block_id: Id, elements: z.array(Interactive).min(1).max(25) }),
  z.strictObject({ type: z.literal('divider'), block_id: Id }),
  z.strictObject({ ...Image.shape, block_id: Id, title: plain(2000).optional() }),
  z.strictObject({
    type: z.literal('input'),
    block_id: Id,
    label: plain(2000),
    element: InputElement,
    hint: plain(2000).optional(),
    optional: flag,
    dispatch_action: flag,
  }),
  z.strictObject({ type: z.literal('rich_text'), block_id: Id, elements: z.array(RichElement) }),
  z.strictObject({ type: z.literal('markdown'), block_id: Id, text: z.string().min(1).max(12_000) }),
]);
export type Block = z.infer<typeof Block>;
export type InputBlock = Extract<Block, { type: 'input' }>;

const viewParts = {
  blocks: z.array(Block).max(100),
  private_metadata: z.string().max(3000).optional(),
  callback_id: Id,
  external_id: Id,
};
export const View = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('modal'),
      title: plain(24),
      submit: plain(24).optional(),
      close: plain(24).optional(),
      clear_on_close: flag,
      notify_on_close: flag,
      submit_disabled: flag,
      ...viewParts,
    })
    .refine((view) => view.submit !== undefined || view.blocks.every((block) => block.type !== 'input'), {
      error: 'missing required field: submit, because the view has an input block',
    }),
  z.strictObject({ type: z.literal('home'), ...viewParts }),
]);
export type View = z.infer<typeof View>;
