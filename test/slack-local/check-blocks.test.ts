import { expect, test } from 'vitest';
import { checkBlocks, checkMessage, checkView } from '../../simulator/slack/check-blocks.ts';
import { button, card, modal, section } from './slack-and-app.ts';

const actions = (...elements: unknown[]) => ({ type: 'actions', elements });
const header = (text: string) => ({ type: 'header', text: { type: 'plain_text', text } });
const words = (count: number) => 'x'.repeat(count);

test('accepts a card that is within all limits', () => {
  expect(checkMessage({ text: 'Node is down', blocks: card() })).toEqual([]);
});

test.for([
  { what: 'header of 151', blocks: [header(words(151))], path: '/blocks/0/text/text', reason: 'less than 151 char' },
  { what: 'section of 3001', blocks: [section(words(3001))], path: '/blocks/0/text/text', reason: 'less than 3001' },
  { what: 'empty section', blocks: [section('')], path: '/blocks/0/text/text', reason: 'more than 0' },
  { what: '51 blocks', blocks: Array(51).fill({ type: 'divider' }), path: '/blocks', reason: 'no more than 50 items' },
  {
    what: '26 buttons',
    blocks: [actions(...Array.from({ length: 26 }, (_, n) => button(`a${n}`, 'v')))],
    path: '/blocks/0/elements',
    reason: 'no more than 25 items',
  },
  {
    what: 'value of 2001',
    blocks: [actions(button('a', words(2001)))],
    path: '/blocks/0/elements/0/value',
    reason: '2001',
  },
  {
    what: 'the same action_id twice in a block',
    blocks: [actions(button('a', '1'), button('a', '2'))],
    path: '/blocks/0/elements/1/action_id',
    reason: 'already exists: a',
  },
  {
    what: 'the same block_id twice',
    blocks: [
      { type: 'divider', block_id: 'b' },
      { type: 'divider', block_id: 'b' },
    ],
    path: '/blocks/1/block_id',
    reason: 'already exists: b',
  },
  {
    what: 'style default',
    blocks: [actions({ ...button('a', 'v'), style: 'default' })],
    path: '/blocks/0/elements/0/style',
    reason: 'primary',
  },
  { what: 'unknown type', blocks: [{ type: 'heading' }], path: '/blocks/0/type', reason: 'unsupported type' },
  { what: 'unknown property', blocks: [{ type: 'divider', colour: 'red' }], path: '/blocks/0', reason: 'colour' },
  {
    what: 'missing text',
    blocks: [{ type: 'header' }],
    path: '/blocks/0/text',
    reason: 'missing required field: text',
  },
])('refuses $what as invalid_blocks and says where', ({ blocks, path, reason }) => {
  const [first] = checkBlocks(blocks);
  expect(first).toMatchObject({ error: 'invalid_blocks', path });
  expect(first?.reason).toContain(reason.replace('less than 151 char', 'must be less than 151 characters'));
});

test('accepts exactly what the limits allow', () => {
  expect(checkBlocks([header(words(150)), section(words(3000)), actions(button('a', words(2000)))])).toEqual([]);
});

test('refuses more than about 13,200 characters of blocks although each block is fine', () => {
  const four = Array.from({ length: 4 }, () => section(words(2990)));
  expect(checkBlocks(four)).toEqual([]);
  const [first] = checkBlocks([...four, section(words(1200))]);
  expect(first?.error).toBe('msg_blocks_too_long');
});

test('refuses a message without a sentence, and one that could never be edited', () => {
  expect(checkMessage({})).toMatchObject([{ error: 'no_text' }]);
  expect(checkMessage({ text: words(4001) })).toMatchObject([{ error: 'msg_too_long' }]);
});

test.for([
  { what: 'title of 25', view: modal('e', words(25)), error: 'invalid_arguments', path: '/view/title/text' },
  {
    what: 'metadata of 3001',
    view: { ...modal('e'), private_metadata: words(3001) },
    error: 'invalid_arguments',
    path: '/view/private_metadata',
  },
  { what: 'no submit', view: { ...modal('e'), submit: undefined }, error: 'invalid_arguments', path: '/view' },
  {
    what: '101 blocks',
    view: { ...modal('e'), blocks: Array(101).fill({ type: 'divider' }) },
    error: 'invalid_arguments',
    path: '/view/blocks',
  },
  {
    what: '270 KB',
    view: { ...modal('e'), blocks: Array.from({ length: 90 }, () => section(words(3000))) },
    error: 'view_too_large',
    path: '/view',
  },
])('refuses a view with $what', ({ view, error, path }) => {
  expect(checkView(view)[0]).toMatchObject({ error, path });
});
